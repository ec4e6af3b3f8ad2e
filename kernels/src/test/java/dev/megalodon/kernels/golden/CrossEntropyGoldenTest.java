package dev.megalodon.kernels.golden;

import dev.megalodon.kernels.CrossEntropy;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CrossEntropyGoldenTest {
  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchGoldenNumbers(TestDevice testDevice) throws IOException {
    try (Fixture fixture = Fixture.open("op_cross_entropy", testDevice)) {
      Tensor logits = fixture.input("logits");
      Tensor targets = fixture.integers("targets");
      checkSmoothing(fixture.at("plain."), logits, targets, 0);
      checkSmoothing(fixture.at("smooth."), logits, targets, 0.1);
    }
  }

  private static void checkSmoothing(
      Fixture fixture, Tensor logits, Tensor targets, double smoothing) throws IOException {
    Device device = fixture.device();
    CrossEntropy crossEntropy = device.crossEntropy();
    Tensor tokenLoss = device.allocate(ElementType.FLOAT64, targets.size());
    Tensor dLogits = device.allocate(device.elementType(), logits.dims());
    double valid = validTargets(fixture.device(), tokenLoss, logits, targets);

    double total = crossEntropy.forward(logits, targets, smoothing, tokenLoss);

    fixture.expect("token_loss", tokenLoss);
    fixture.expect("mean", total / targets.size());
    fixture.expect("mean_valid", total / valid);
    crossEntropy.backward(logits, targets, smoothing, 1.0 / targets.size(), dLogits);
    fixture.expect("dlogits", dLogits);
    crossEntropy.backward(logits, targets, smoothing, 1 / valid, dLogits);
    fixture.expect("dlogits_mean_valid", dLogits);
  }

  /** Only ignored targets have a loss of exactly 0. */
  private static double validTargets(
      Device device, Tensor tokenLoss, Tensor logits, Tensor targets) {
    device.crossEntropy().forward(logits, targets, 0, tokenLoss);
    double valid = 0;
    for (double loss : device.transfer().toDoubles(tokenLoss)) {
      valid += loss == 0 ? 0 : 1;
    }
    return valid;
  }
}
