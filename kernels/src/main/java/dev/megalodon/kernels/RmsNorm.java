package dev.megalodon.kernels;

import java.util.Optional;

/** Root-mean-square norm over the last dimension: y = x/√(mean x² + ε)·(w + 1). */
public interface RmsNorm {
  /**
   * Normalizes rows.
   *
   * @param x (R, D)
   * @param weight (D), stored without the 1; absent: no scaling
   * @param y (R, D), may be x
   * @param inverseRms (R) in the accumulation type, kept for backward
   */
  void forward(Tensor x, Optional<Tensor> weight, double epsilon, Tensor y, Tensor inverseRms);

  /**
   * Gradients of {@link #forward}.
   *
   * @param dx (R, D), overwritten; may be dy
   * @param dWeight (D), added to; present exactly when the weight is
   */
  void backward(
      Tensor dy,
      Tensor x,
      Optional<Tensor> weight,
      Tensor inverseRms,
      Tensor dx,
      Optional<Tensor> dWeight);
}
