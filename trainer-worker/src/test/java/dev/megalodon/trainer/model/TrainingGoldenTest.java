package dev.megalodon.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.AdamW;
import dev.megalodon.kernels.Device;
import dev.megalodon.trainer.golden.Comparison;
import dev.megalodon.trainer.golden.Fixture;
import dev.megalodon.trainer.golden.TestDevice;
import dev.megalodon.trainer.golden.TestDevice.Quantity;
import dev.megalodon.trainer.golden.Tolerance;
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
    private final PlainTraining training;
    private final int batch;
    private final int length;

    Run(Fixture fixture, TestDevice testDevice, Device device) throws IOException {
      this.fixture = fixture;
      this.testDevice = testDevice;
      this.device = device;
      json = fixture.config();
      batch = json.get("B").intValue();
      length = json.get("L").intValue();
      training = new PlainTraining(device, fixture.modelConfig(), batch, length);
      fixture.loadParameters("init.", device, training.parameters());
    }

    void check() throws IOException {
      int[] tokens = fixture.integers("tokens");
      int perStep = batch * (length + 1);
      for (int step = 0; step < json.get("steps").intValue(); step++) {
        step(step, Arrays.copyOfRange(tokens, step * perStep, (step + 1) * perStep));
      }
      compare("final.", training.parameters(), Quantity.TRAINED);
      compare("exp_avg.", training.firstMoment(), Quantity.MOMENTS);
      compare("exp_avg_sq.", training.secondMoment(), Quantity.MOMENTS);
      comparison.assertClose();
    }

    private void step(int step, int[] tokens) throws IOException {
      AdamW.Settings optimizer =
          new AdamW.Settings(
              fixture.numbers("lr")[step],
              json.get("b1").doubleValue(),
              json.get("b2").doubleValue(),
              json.get("eps").doubleValue(),
              json.get("wd").doubleValue(),
              1,
              1);
      double clip = json.get("clip").doubleValue();
      PlainTraining.Result result =
          training.step(columns(tokens, 0), columns(tokens, 1), optimizer, clip);
      compare("loss", step, result.loss(), Quantity.LOSS);
      compare("grad_norm", step, result.gradientNorm(), Quantity.GRADIENT_NORM);
    }

    private void compare(String name, int step, double actual, Quantity quantity)
        throws IOException {
      double expected = fixture.numbers(name)[step];
      comparison.add(name + " at step " + step, expected, actual, testDevice.tolerance(quantity));
    }

    private void compare(String prefix, FlatTensors actual, Quantity quantity) throws IOException {
      Tolerance tolerance = testDevice.tolerance(quantity);
      fixture.compare(comparison, prefix, device, actual, tolerance);
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
