package dev.megalodon.kernels;

/**
 * AdamW with decoupled weight decay (Loshchilov and Hutter 2019): p ← p·(1 − lr·wd); m ← β₁·m + (1
 * − β₁)·g; s ← β₂·s + (1 − β₂)·g²; p ← p − lr/(1 − β₁^t)·m/(√s/√(1 − β₂^t) + ε).
 */
public interface AdamW {
  /**
   * Settings of one update.
   *
   * @param learningRate lr of this step
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root
   * @param weightDecay decay per unit of learning rate
   * @param step t, 1 at the first update
   * @param gradientScale factor on the gradient before anything else (clipping)
   */
  record Settings(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      long step,
      double gradientScale) {}

  /**
   * Updates in place; all tensors are flat and of equal length. The result for an element does not
   * depend on where in the tensor it lies, so any slicing gives the same bits.
   *
   * @param parameters the device's element type: the masters, where parameters are BFLOAT16
   * @param gradients the device's element type
   * @param firstMoment accumulation type
   * @param secondMoment accumulation type
   */
  void update(
      Tensor parameters,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      Settings settings);
}
