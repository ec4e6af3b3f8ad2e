package dev.megalodon.kernels;

/** Layer norm over the last dimension: y = (x − mean)/√(variance + ε)·(w + 1) + b. */
public interface LayerNorm {
  /**
   * Normalizes rows.
   *
   * @param x (R, D)
   * @param weight (D), stored without the 1
   * @param bias (D)
   * @param y (R, D), may be x
   * @param mean (R) in the accumulation type, kept for backward
   * @param inverseDeviation (R) in the accumulation type, kept for backward
   */
  void forward(
      Tensor x,
      Tensor weight,
      Tensor bias,
      double epsilon,
      Tensor y,
      Tensor mean,
      Tensor inverseDeviation);

  /**
   * Gradients of {@link #forward}.
   *
   * @param dx (R, D), overwritten; may be dy
   * @param dWeight (D), added to
   * @param dBias (D), added to
   */
  void backward(
      Tensor dy,
      Tensor x,
      Tensor weight,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dx,
      Tensor dWeight,
      Tensor dBias);
}
