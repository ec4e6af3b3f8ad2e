package dev.megalodon.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.reference.ReferenceDevice;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GeneratorTest {
  private static final double[] LOGITS = {0, Math.log(3), Math.log(2), Math.log(4)};

  private final Device device = new ReferenceDevice();
  private final ModelConfig config = TestModels.config();
  private final MegalodonModel model = TestModels.model(device, config, 3);

  @AfterEach
  void close() {
    device.close();
  }

  @Test
  void shouldContinueWithWhatOneForwardPassFindsLikeliest() {
    int[] prompt = {1, 5, 2, 9, 4, 0};
    int[] generated = new Generator(model).generate(prompt, 7, new Sampling(0, 0, 0));
    int[] text = Arrays.copyOf(prompt, prompt.length + generated.length);
    for (int i = 0; i < generated.length; i++) {
      int length = prompt.length + i;
      assertEquals(likeliestAfter(Arrays.copyOf(text, length)), generated[i], "token " + i);
      text[length] = generated[i];
    }
  }

  @Test
  void shouldRepeatItselfWithTheSameSeedOnly() {
    int[] prompt = {3};
    Generator generator = new Generator(model);
    int[] first = generator.generate(prompt, 30, new Sampling(1, 0, 5));
    assertArrayEquals(first, generator.generate(prompt, 30, new Sampling(1, 0, 5)));
    assertFalse(Arrays.equals(first, generator.generate(prompt, 30, new Sampling(1, 0, 6))));
  }

  @Test
  void shouldChooseInProportionToProbability() {
    int[] counts = new int[4];
    for (int i = 0; i < 1000; i++) {
      counts[Generator.choose(LOGITS, new Sampling(1, 0, 0), (i + 0.5) / 1000)]++;
    }
    assertArrayEquals(new int[] {100, 300, 200, 400}, counts);
  }

  @Test
  void shouldChooseAmongTheLikeliestOnly() {
    int[] counts = new int[4];
    for (int i = 0; i < 700; i++) {
      counts[Generator.choose(LOGITS, new Sampling(1, 2, 0), (i + 0.5) / 700)]++;
    }
    assertArrayEquals(new int[] {0, 300, 0, 400}, counts);
  }

  @Test
  void shouldSharpenWithLowTemperature() {
    int[] counts = new int[4];
    for (int i = 0; i < 30; i++) {
      counts[Generator.choose(LOGITS, new Sampling(0.5, 0, 0), (i + 0.5) / 30)]++;
    }
    assertArrayEquals(new int[] {1, 9, 4, 16}, counts);
  }

  @Test
  void shouldRefuseWhatCannotBe() {
    assertThrows(IllegalArgumentException.class, () -> new Sampling(-1, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Sampling(Double.NaN, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Sampling(1, -1, 0));
    Generator generator = new Generator(model);
    Sampling sampling = new Sampling(1, 0, 0);
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> generator.generate(new int[0], 1, sampling));
    assertTrue(error.toString().contains("prompt"), error.toString());
    assertThrows(
        IllegalArgumentException.class, () -> generator.generate(new int[] {99}, 1, sampling));
  }

  private int likeliestAfter(int[] text) {
    ModelActivations act = ModelActivations.forInference(device, device, config, 1, text.length);
    device.transfer().write(text, act.tokens());
    model.forward(
        ModelState.fresh(device, device, config, 1),
        act,
        ModelState.fresh(device, device, config, 1));
    double[] logits = device.transfer().toDoubles(act.logits());
    int row = (text.length - 1) * config.vocabSize();
    int best = 0;
    for (int token = 1; token < config.vocabSize(); token++) {
      best = logits[row + token] > logits[row + best] ? token : best;
    }
    return best;
  }
}
