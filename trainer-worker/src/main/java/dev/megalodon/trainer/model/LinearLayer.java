package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Tensor;

/** Applies {@link Linear} maps to rows, forward and backward. */
final class LinearLayer {
  private final Device device;

  LinearLayer(Device device) {
    this.device = device;
  }

  /** y ← x·Wᵀ + b. */
  void forward(Tensor x, Linear map, Tensor y) {
    forward(x, map, 0, y);
  }

  /** y ← y + x·Wᵀ + b. */
  void accumulate(Tensor x, Linear map, Tensor y) {
    forward(x, map, 1, y);
  }

  private void forward(Tensor x, Linear map, double beta, Tensor y) {
    Matrix weight = Matrix.of(map.weight());
    device.gemm().multiply(1, Matrix.of(x), weight.transpose(), beta, Matrix.of(y));
    map.bias().ifPresent(bias -> device.pointwise().addBias(y, bias));
  }

  /** dx ← dy·W. */
  void inputGradient(Tensor dy, Linear map, Tensor dx) {
    device.gemm().multiply(1, Matrix.of(dy), Matrix.of(map.weight()), 0, Matrix.of(dx));
  }

  /** dx ← dx + dy·W. */
  void accumulateInputGradient(Tensor dy, Linear map, Tensor dx) {
    device.gemm().multiply(1, Matrix.of(dy), Matrix.of(map.weight()), 1, Matrix.of(dx));
  }

  /** dW += dyᵀ·x, db += column sums of dy. */
  void parameterGradient(Tensor dy, Tensor x, Linear gradient) {
    Matrix dWeight = Matrix.of(gradient.weight());
    device.gemm().multiply(1, Matrix.of(dy).transpose(), Matrix.of(x), 1, dWeight);
    gradient.bias().ifPresent(bias -> device.pointwise().biasGradient(dy, bias));
  }
}
