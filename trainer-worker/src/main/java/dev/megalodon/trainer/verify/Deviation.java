package dev.megalodon.trainer.verify;

/**
 * How far a result is from the expected one.
 *
 * @param name the tensor
 * @param error the deviation; NaN when a result is not a number
 * @param allowed the largest that passes
 */
public record Deviation(String name, double error, double allowed) {
  /** Whether it passes; what is not a number does not. */
  public boolean isWithin() {
    return error <= allowed;
  }

  /** Whether it is a larger part of what is allowed; not a number is worse than everything. */
  boolean isWorseThan(Deviation other) {
    return Double.compare(error / allowed, other.error / other.allowed) > 0;
  }
}
