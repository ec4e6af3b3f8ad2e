package dev.megalodon.trainer.checkpoint;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names a checkpoint; the greatest is the newest. Written as {@code
 * <incarnation>.<counter>-<step>}, with leading zeros so that names sort as ids do.
 *
 * @param incarnation first half of the epoch's id: the highest incarnation in its roster
 * @param counter second half of the epoch's id
 * @param step steps that are done
 */
public record CheckpointId(long incarnation, long counter, long step)
    implements Comparable<CheckpointId> {
  private static final Pattern NAME = Pattern.compile("(\\d{1,18})\\.(\\d{1,18})-(\\d{1,18})");
  private static final Comparator<CheckpointId> ORDER =
      Comparator.comparingLong(CheckpointId::incarnation)
          .thenComparingLong(CheckpointId::counter)
          .thenComparingLong(CheckpointId::step);

  /** The id that a folder's name stands for, if it is one. */
  public static Optional<CheckpointId> parse(String name) {
    Matcher match = NAME.matcher(name);
    if (!match.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new CheckpointId(
            Long.parseLong(match.group(1)),
            Long.parseLong(match.group(2)),
            Long.parseLong(match.group(3))));
  }

  /** Whether the other checkpoint was written in an epoch after this one's. */
  boolean isOfOlderEpochThan(CheckpointId other) {
    return incarnation < other.incarnation
        || (incarnation == other.incarnation && counter < other.counter);
  }

  @Override
  public int compareTo(CheckpointId other) {
    return ORDER.compare(this, other);
  }

  /** The folder's name. */
  @Override
  public String toString() {
    return "%08d.%04d-%010d".formatted(incarnation, counter, step);
  }
}
