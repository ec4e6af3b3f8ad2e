package dev.megalodon.operator.status;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.AttemptStatus.ResumedFrom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One loss or suspension as the status shows it: booked once, completed once. */
public final class Attempts {
  /** Longest message that is kept, characters. */
  private static final int MAX_MESSAGE = 1024;

  private Attempts() {}

  /**
   * A loss as it is booked.
   *
   * @param exitCode exit status of the container; null if it had none
   * @param ended when the worker ended; empty if it was seen leaving
   */
  public static AttemptStatus booked(
      int rank,
      long incarnation,
      String cause,
      String message,
      @Nullable Integer exitCode,
      boolean charged,
      Optional<Instant> ended,
      Instant detected) {
    return new AttemptStatus(
        rank,
        incarnation,
        cause,
        message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE),
        exitCode,
        charged,
        ended.map(Times::millis).orElse(null),
        Times.millis(detected),
        null,
        null,
        null,
        ended.map(end -> seconds(end, detected)).orElse(null),
        null);
  }

  /** The same loss once training went on. */
  public static AttemptStatus recovered(
      AttemptStatus loss, Instant at, Optional<Long> lostSteps, Optional<ResumedFrom> resumedFrom) {
    return new AttemptStatus(
        loss.rank(),
        loss.incarnation(),
        loss.cause(),
        loss.message(),
        loss.exitCode(),
        loss.charged(),
        loss.ended(),
        loss.detected(),
        Times.millis(at),
        lostSteps.orElse(null),
        resumedFrom.orElse(null),
        loss.detectSeconds(),
        seconds(began(loss), at));
  }

  /** Whether training has yet to go on after this loss. */
  public static boolean isOpen(AttemptStatus loss) {
    return loss.recovered() == null;
  }

  /** When the outage began, as far as is known. */
  public static Instant began(AttemptStatus loss) {
    return Times.parse(loss.ended()).orElseGet(() -> Instant.parse(loss.detected()));
  }

  /** Whether both are about the same loss; of one incarnation there may be a suspension too. */
  public static boolean isSame(AttemptStatus one, AttemptStatus other) {
    return one.incarnation() == other.incarnation() && one.cause().equals(other.cause());
  }

  /** One decimal; never negative, whatever two machines' clocks say. */
  private static double seconds(Instant from, Instant to) {
    return Math.round(Math.max(0, Duration.between(from, to).toMillis()) / 100.0) / 10.0;
  }
}
