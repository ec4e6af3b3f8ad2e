package dev.megalodon.operator.progress;

import java.time.Duration;

/**
 * How often a job's status is written only because it has got further. The more jobs train, the
 * less often each of them: what all of them write together stays bounded.
 *
 * @param interval shortest time between two such writes of a job
 * @param writesPerSecond such writes in a second, over all jobs; more than 0
 */
public record ProgressPace(Duration interval, double writesPerSecond) {

  /** Time between two such writes of a job when this many train. */
  public Duration of(int jobs) {
    Duration shared = Duration.ofMillis(Math.round(1000 * jobs / writesPerSecond));
    return shared.compareTo(interval) > 0 ? shared : interval;
  }
}
