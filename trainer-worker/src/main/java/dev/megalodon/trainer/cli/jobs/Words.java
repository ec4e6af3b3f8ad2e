package dev.megalodon.trainer.cli.jobs;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Numbers and times as people write them. */
final class Words {
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  private Words() {}

  /** Such as 12s, 2m30s, 1h04m or 3d2h. */
  static String duration(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < MINUTE) {
      return seconds + "s";
    }
    if (seconds < HOUR) {
      return "%dm%02ds".formatted(seconds / MINUTE, seconds % MINUTE);
    }
    return seconds < DAY
        ? "%dh%02dm".formatted(seconds / HOUR, seconds % HOUR / MINUTE)
        : "%dd%dh".formatted(seconds / DAY, seconds % DAY / HOUR);
  }

  /** Time since then; empty if that is not known. */
  static Optional<Duration> since(@Nullable String time, Instant now) {
    try {
      return time == null
          ? Optional.empty()
          : Optional.of(Duration.between(Instant.parse(time), now));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** How long ago, or nothing. */
  static String ago(@Nullable String time, Instant now) {
    return since(time, now).map(passed -> duration(passed) + " ago").orElse("");
  }

  static String loss(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  static String count(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
