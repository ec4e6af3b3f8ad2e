package dev.megalodon.operator.status;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Times as they stand in a status: RFC 3339, UTC. */
public final class Times {
  private Times() {}

  /** Whole seconds, as {@code metav1.Time}. */
  public static String seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** Milliseconds, for what is measured. */
  public static String millis(Instant time) {
    return time.truncatedTo(ChronoUnit.MILLIS).toString();
  }

  /** Back from text. */
  public static Optional<Instant> parse(@Nullable String time) {
    return Optional.ofNullable(time).map(Instant::parse);
  }

  /** A worker's text; empty if it is none or no time: no decision hangs on a worker's spelling. */
  public static Optional<Instant> ofWorker(@Nullable String time) {
    try {
      return parse(time);
    } catch (DateTimeParseException unreadable) {
      return Optional.empty();
    }
  }

  /** For people: {@code 45s}, {@code 2m30s}, {@code 1h4m}, {@code 3d2h}. */
  public static String brief(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return seconds / 60 + "m" + pad(seconds % 60, "s");
    }
    if (seconds < 86_400) {
      return seconds / 3600 + "h" + pad(seconds % 3600 / 60, "m");
    }
    return seconds / 86_400 + "d" + pad(seconds % 86_400 / 3600, "h");
  }

  private static String pad(long value, String unit) {
    return value == 0 ? "" : value + unit;
  }
}
