package dev.megalodon.trainer.rendezvous;

import java.util.Comparator;

/**
 * Names an epoch, the time between two rendezvous. Later epochs have greater ids, also after every
 * process of the job was replaced: incarnations only grow.
 *
 * @param incarnation the highest incarnation in the epoch's roster
 * @param counter epochs before it with the same highest incarnation
 */
public record EpochId(long incarnation, long counter) implements Comparable<EpochId> {
  /** Smaller than every real epoch. */
  public static final EpochId NONE = new EpochId(0, 0);

  private static final int COUNTER_BITS = 24;
  private static final Comparator<EpochId> ORDER =
      Comparator.comparingLong(EpochId::incarnation).thenComparingLong(EpochId::counter);

  /** The first id for a roster whose highest incarnation this is, greater than {@code seen}. */
  static EpochId after(EpochId seen, long highestIncarnation) {
    return highestIncarnation > seen.incarnation
        ? new EpochId(highestIncarnation, 0)
        : new EpochId(seen.incarnation, seen.counter + 1);
  }

  /** The id as one number, in the same order; messages of collectives carry it. */
  public long packed() {
    return Math.addExact(Math.multiplyExact(incarnation, 1L << COUNTER_BITS), counter);
  }

  /** The id that {@link #packed} made this number of. */
  public static EpochId unpacked(long packed) {
    return new EpochId(packed >>> COUNTER_BITS, packed & (1L << COUNTER_BITS) - 1);
  }

  @Override
  public int compareTo(EpochId other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return incarnation + "." + counter;
  }
}
