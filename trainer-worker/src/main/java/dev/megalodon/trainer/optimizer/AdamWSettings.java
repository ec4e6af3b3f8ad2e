package dev.megalodon.trainer.optimizer;

import dev.megalodon.kernels.AdamW;

/**
 * What of the optimizer stays the same over a run.
 *
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay decay per unit of learning rate, on every parameter
 * @param clipNorm largest global gradient norm; 0 turns clipping off
 */
public record AdamWSettings(
    double beta1, double beta2, double epsilon, double weightDecay, double clipNorm) {

  /** The defaults of the reference implementation. */
  public static final AdamWSettings DEFAULT = new AdamWSettings(0.9, 0.98, 1e-8, 0.1, 1.0);

  // Added to the norm before the division, as the reference implementation does.
  private static final double NORM_GUARD = 1e-6;

  /** The factor that brings gradients of this global norm within the limit, at most 1. */
  public double clipFactor(double norm) {
    if (clipNorm <= 0) {
      return 1;
    }
    double factor = clipNorm / (norm + NORM_GUARD);
    return factor < 1 ? factor : 1;
  }

  /**
   * The settings of one update.
   *
   * @param step 1 at the first update
   * @param learningRate of this update
   * @param gradientScale factor on the gradients
   */
  AdamW.Settings at(long step, double learningRate, double gradientScale) {
    return new AdamW.Settings(
        learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale);
  }
}
