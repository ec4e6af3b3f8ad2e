package dev.megalodon.trainer.optimizer;

/**
 * The learning rate of every step: a linear warm-up from {@code initialRatio}, then a decay to
 * {@code finalRatio}. With w warm-up steps, T total steps, r₀ and r₁ the two ratios:
 *
 * <pre>
 *   f(t) = r₀ + t·(1 − r₀)/w                          t &lt; w
 *   s    = (t − w)/(T − w)
 *   f(t) = s·r₁ + (1 − s)                             linear
 *   f(t) = r₁ + ½·(1 − r₁)·(cos(π·s·cycles) + 1)      cosine
 *   f(t) = 1                                          constant
 *   f(t) = r₁                                         linear and cosine, t &gt; T
 * </pre>
 *
 * @param shape how the rate falls after the warm-up
 * @param peak the rate at the end of the warm-up
 * @param warmupSteps w, 0 for no warm-up
 * @param totalSteps T, more than warmupSteps unless the shape is constant
 * @param initialRatio r₀, the first rate over the peak
 * @param finalRatio r₁, the last rate over the peak
 * @param cycles half periods of the cosine, 1 for a single fall
 */
public record LearningRateSchedule(
    Shape shape,
    double peak,
    long warmupSteps,
    long totalSteps,
    double initialRatio,
    double finalRatio,
    double cycles) {

  /** How the rate falls after the warm-up. */
  public enum Shape {
    /** A straight line to the final ratio. */
    LINEAR,
    /** A cosine to the final ratio. */
    COSINE,
    /** Stays at the peak. */
    CONSTANT
  }

  /** The rate of one update; {@code step} counts from 0. */
  public double rate(long step) {
    return peak * factor(step);
  }

  /** f of the class comment; {@code step} counts from 0. */
  public double factor(long step) {
    if (step < warmupSteps) {
      return initialRatio + step * ((1 - initialRatio) / warmupSteps);
    }
    return shape == Shape.CONSTANT ? 1 : decay(step);
  }

  private double decay(long step) {
    if (step > totalSteps || totalSteps <= warmupSteps) {
      return finalRatio;
    }
    double progress = (double) (step - warmupSteps) / (totalSteps - warmupSteps);
    return shape == Shape.LINEAR ? progress * finalRatio + (1 - progress) : cosine(progress);
  }

  private double cosine(double progress) {
    // StrictMath, because the rate must have the same bits on every rank's machine.
    double wave = StrictMath.cos(StrictMath.PI * progress * cycles) + 1;
    return finalRatio + 0.5 * (1 - finalRatio) * wave;
  }
}
