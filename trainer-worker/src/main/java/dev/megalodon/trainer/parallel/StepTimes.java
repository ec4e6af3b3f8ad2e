package dev.megalodon.trainer.parallel;

/**
 * Where the time of a rank's steps goes: the mean of the last steps.
 *
 * @param computeNanos nanoseconds of a step in which the rank computes
 * @param waitNanos nanoseconds of a step in which it waits for other ranks and their messages
 */
public record StepTimes(long computeNanos, long waitNanos) {
  /** Before the first step. */
  public static final StepTimes NONE = new StepTimes(0, 0);

  /** Whether a step was measured. */
  public boolean known() {
    return computeNanos > 0;
  }

  /** Seconds of a step in which the rank computes. */
  public double computeSeconds() {
    return computeNanos / 1e9;
  }

  /** Seconds of a step in which it waits. */
  public double waitSeconds() {
    return waitNanos / 1e9;
  }

  StepTimes plus(StepTimes other) {
    return new StepTimes(computeNanos + other.computeNanos, waitNanos + other.waitNanos);
  }

  StepTimes dividedBy(int number) {
    return new StepTimes(computeNanos / number, waitNanos / number);
  }
}
