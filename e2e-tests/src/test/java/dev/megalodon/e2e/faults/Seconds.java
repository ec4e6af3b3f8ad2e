package dev.megalodon.e2e.faults;

import java.time.Duration;
import java.time.Instant;

/** Seconds as people read them: to a tenth. */
final class Seconds {
  private Seconds() {}

  static double between(Instant from, Instant to) {
    return of(Duration.between(from, to));
  }

  static double of(Duration duration) {
    return Math.round(duration.toMillis() / 100.0) / 10.0;
  }
}
