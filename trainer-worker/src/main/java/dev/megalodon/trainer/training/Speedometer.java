package dev.megalodon.trainer.training;

import java.time.Duration;

/** How fast training goes, smoothed over the last steps. */
final class Speedometer {
  private static final double WEIGHT_OF_NEWEST = 0.1;

  private double secondsPerStep = Double.NaN;
  private long steps;

  /** Takes in one step. */
  void record(Duration step) {
    double seconds = step.toNanos() / 1e9;
    steps++;
    // The first step of an epoch warms up somebody's JVM and would be remembered for long.
    secondsPerStep =
        steps <= 2 ? seconds : secondsPerStep + WEIGHT_OF_NEWEST * (seconds - secondsPerStep);
  }

  /** Tokens in a second; NaN before the first step. */
  double tokensPerSecond(long tokensPerStep) {
    return tokensPerStep / secondsPerStep;
  }

  /** Seconds that so many steps will take; NaN before the first step. */
  double secondsFor(long steps) {
    return steps * secondsPerStep;
  }
}
