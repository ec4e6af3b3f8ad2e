package dev.megalodon.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.AdamW;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.golden.Comparison;
import dev.megalodon.trainer.golden.Fixture;
import dev.megalodon.trainer.golden.TestDevice;
import dev.megalodon.trainer.golden.TestDevice.Quantity;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fifty steps of training with AdamW follow the fixture's trajectory. */
class TrainingGoldenTest {
  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldFollowTheTrajectory(TestDevice testDevice) throws IOException {
    try (Fixture fixture = Fixture.open("train_adamw");
        Device device = testDevice.open()) {
      new Run(fixture, testDevice, device).check();
    }
  }

  private static final class Run {
    private final Fixture fixture;
    private final TestDevice testDevice;
    private final Device device;
    private final Comparison comparison = new Comparison();
    private final JsonNode json;
    private final FlatTensors parameters;
    private final FlatTensors gradients;
    private final FlatTensors firstMoment;
    private final FlatTensors secondMoment;
    private final TrainingPass pass;
    private final int batch;
    private final int length;

    Run(Fixture fixture, TestDevice testDevice, Device device) throws IOException {
      this.fixture = fixture;
      this.testDevice = testDevice;
      this.device = device;
      json = fixture.config();
      ModelConfig config = fixture.modelConfig();
      FlatLayout layout = FlatLayout.of(config, 2, device.elementType().bytes(), 1 << 16);
      parameters = FlatTensors.allocate(device, layout);
      gradients = FlatTensors.allocate(device, layout);
      firstMoment = moments(layout);
      secondMoment = moments(layout);
      fixture.loadParameters("init.", device, parameters);
      batch = json.get("B").intValue();
      length = json.get("L").intValue();
      MegalodonModel model =
          new MegalodonModel(device, device, config, ModelWeights.of(config, parameters));
      pass = new TrainingPass(model, ModelWeights.of(config, gradients), batch, length);
    }

    private FlatTensors moments(FlatLayout layout) {
      return new FlatTensors(layout, device.allocate(device.accumulationType(), layout.elements()));
    }

    void check() throws IOException {
      int[] tokens = fixture.integers("tokens");
      int perStep = batch * (length + 1);
      for (int step = 0; step < json.get("steps").intValue(); step++) {
        step(step, Arrays.copyOfRange(tokens, step * perStep, (step + 1) * perStep));
      }
      fixture.compare(
          comparison, "final.", device, parameters, testDevice.tolerance(Quantity.TRAINED));
      compareMoments("exp_avg.", firstMoment);
      compareMoments("exp_avg_sq.", secondMoment);
      comparison.assertClose();
    }

    private void step(int step, int[] tokens) throws IOException {
      double scale = 1.0 / (batch * length);
      device.pointwise().fill(gradients.flat(), 0);
      double loss =
          scale
              * pass.accumulate(
                  columns(tokens, 0), columns(tokens, 1), scale, BackwardProgress.IGNORED);
      double norm = Math.sqrt(device.pointwise().sumOfSquares(gradients.flat()));
      compare("loss", step, loss, Quantity.LOSS);
      compare("grad_norm", step, norm, Quantity.GRADIENT_NORM);
      update(step, norm);
    }

    private void update(int step, double norm) throws IOException {
      Tensor flat = parameters.flat();
      device
          .adamW()
          .update(
              flat,
              gradients.flat(),
              firstMoment.flat(),
              secondMoment.flat(),
              settings(step, norm));
    }

    private AdamW.Settings settings(int step, double norm) throws IOException {
      return new AdamW.Settings(
          fixture.numbers("lr")[step],
          json.get("b1").doubleValue(),
          json.get("b2").doubleValue(),
          json.get("eps").doubleValue(),
          json.get("wd").doubleValue(),
          step + 1L,
          Math.min(1, json.get("clip").doubleValue() / (norm + 1e-6)));
    }

    private void compare(String name, int step, double actual, Quantity quantity)
        throws IOException {
      double expected = fixture.numbers(name)[step];
      comparison.add(name + " at step " + step, expected, actual, testDevice.tolerance(quantity));
    }

    private void compareMoments(String prefix, FlatTensors moments) throws IOException {
      fixture.compare(comparison, prefix, device, moments, testDevice.tolerance(Quantity.MOMENTS));
    }

    /** Columns {@code from} to {@code from} + L of (B, L + 1). */
    private int[] columns(int[] tokens, int from) {
      int[] result = new int[batch * length];
      for (int b = 0; b < batch; b++) {
        System.arraycopy(tokens, b * (length + 1) + from, result, b * length, length);
      }
      return result;
    }
  }
}
