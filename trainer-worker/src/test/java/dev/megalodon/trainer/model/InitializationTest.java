package dev.megalodon.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.reference.ReferenceDevice;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InitializationTest {
  private static final ModelConfig CONFIG =
      new ModelConfig(2, 64, 32, 128, 2, 96, 16, 16, 8, 1e-5, 97, 10_000, true, true, false, false);

  private final Device device = new ReferenceDevice();
  private final FlatTensors parameters = TestModels.parameters(device, CONFIG, 7);

  @AfterEach
  void close() {
    device.close();
  }

  @Test
  void shouldNotDependOnTheLayout() {
    FlatLayout other = FlatLayout.of(CONFIG, 5, 8, 1 << 14);
    FlatTensors scattered = FlatTensors.allocate(device, other);
    Initialization.initialize(device, CONFIG, 7, scattered);
    for (String name : parameters.byName().keySet()) {
      double[] expected = values(name);
      assertArrayEquals(expected, device.transfer().toDoubles(scattered.tensor(name)), name);
    }
  }

  @Test
  void shouldDependOnSeedAndName() {
    double[] otherSeed =
        device
            .transfer()
            .toDoubles(TestModels.parameters(device, CONFIG, 8).tensor("embed.weight"));
    assertFalse(Arrays.equals(values("embed.weight"), otherSeed));
    assertFalse(
        Arrays.equals(values("layers.0.mega.wv.weight"), values("layers.1.mega.wv.weight")));
  }

  @Test
  void shouldHaveTheDeviationsOfTheReferenceImplementation() {
    assertNormal("layers.0.mega.wv.weight", Math.sqrt(1 / (3.0 * 64)));
    assertNormal("layers.1.nffn.fc2.weight", Math.sqrt(1 / (3.0 * 96)));
    assertNormal("layers.0.mega.cema.alpha", 0.2);
    assertNormal("layers.0.mega.cema.delta", 0.2);
    assertNormal("embed.weight", 1.0 / 8);
    assertNormal("output.output.weight", 1.0 / 8);
  }

  @Test
  void shouldTruncateWhereTheReferenceImplementationDoes() {
    assertTrue(Arrays.stream(values("embed.weight")).allMatch(v -> Math.abs(v) <= 3.0 / 8));
    assertTrue(Arrays.stream(values("layers.0.mega.cema.omega")).allMatch(v -> Math.abs(v) <= 1));
  }

  @Test
  void shouldStartNormsAndBiasesAtZeroAndScalesByDepth() {
    for (String name :
        new String[] {
          "layers.0.mega.timenorm.weight",
          "layers.0.mega.wv.bias",
          "layers.1.mega.gamma",
          "layers.1.nffn.norm.bias",
          "output.final_norm.weight"
        }) {
      assertTrue(Arrays.stream(values(name)).allMatch(v -> v == 0), name);
    }
    assertTrue(Arrays.stream(values("layers.0.nffn.alpha")).allMatch(v -> v == 0.1));
    assertTrue(Arrays.stream(values("layers.1.nffn.alpha")).allMatch(v -> v == 0.05));
  }

  @Test
  void shouldStartGammaReal() {
    double[] gamma = values("layers.0.mega.cema.gamma");
    double sum = 0;
    for (int i = 0; i < gamma.length; i += 2) {
      assertEquals(0, gamma[i + 1]);
      sum += gamma[i] * gamma[i];
    }
    assertEquals(1, Math.sqrt(sum / (gamma.length / 2)), 0.1);
  }

  @Test
  void shouldSpreadFrequenciesGeometricallyInRandomOrder() {
    double[] theta = values("layers.0.mega.cema.theta");
    double[] frequencies =
        Arrays.stream(theta).map(logit -> 1 / (1 + Math.exp(-logit))).sorted().toArray();
    for (int j = 1; j <= 64; j++) {
      assertEquals(Math.pow(64, -j / 64.0), frequencies[64 - j], 1e-12);
    }
    double[] sorted = theta.clone();
    Arrays.sort(sorted);
    assertFalse(Arrays.equals(sorted, theta));
    assertFalse(Arrays.equals(theta, values("layers.1.mega.cema.theta")));
  }

  private double[] values(String name) {
    return device.transfer().toDoubles(parameters.tensor(name));
  }

  /** Mean and deviation lie within five standard errors. */
  private void assertNormal(String name, double deviation) {
    double[] values = values(name);
    double mean = Arrays.stream(values).average().orElseThrow();
    double variance = Arrays.stream(values).map(v -> v * v).average().orElseThrow();
    assertEquals(0, mean, 5 * deviation / Math.sqrt(values.length), name);
    double error = 5 * deviation / Math.sqrt(2.0 * values.length) + 0.02 * deviation;
    assertEquals(deviation, Math.sqrt(variance), error, name);
  }
}
