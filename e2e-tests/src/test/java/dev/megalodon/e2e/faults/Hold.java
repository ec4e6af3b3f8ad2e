package dev.megalodon.e2e.faults;

import java.time.Duration;

/**
 * How long a fault lasts.
 *
 * @param time at most this long
 * @param untilRecovered whether it ends as soon as training went on without its end
 */
record Hold(Duration time, boolean untilRecovered) {
  /** It is over when it has happened. */
  static final Hold NONE = new Hold(Duration.ZERO, false);

  /** An outage: recovery is measured from its end. */
  static Hold outage(Duration time) {
    return new Hold(time, false);
  }

  /** Recovery must not need its end. */
  static Hold untilRecovered(Duration bound) {
    return new Hold(bound, true);
  }

  /** Whether training can only go on once it is over. */
  boolean isOutage() {
    return !untilRecovered && !time.isZero();
  }
}
