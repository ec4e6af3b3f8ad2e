package dev.megalodon.trainer.parallel;

import java.util.Locale;

/**
 * Names one operation of an epoch.
 *
 * @param kind what is done
 * @param number counts the operations of its link or group, from 1
 */
record Operation(Kind kind, long number) {
  private static final int KIND_SHIFT = 56;
  private static final long NUMBER_MASK = (1L << KIND_SHIFT) - 1;

  /** What ranks can do together; the order is part of the wire format. */
  enum Kind {
    REDUCE_SCATTER,
    ALL_GATHER,
    ALL_REDUCE,
    BARRIER,
    CHUNK_GATHER,
    CHUNK_MESSAGE,
    NEIGHBOUR_MESSAGE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * The operation that a header names.
   *
   * @throws IllegalStateException when there is none of that kind
   */
  static Operation of(long code) {
    int kind = (int) (code >>> KIND_SHIFT);
    Kind[] kinds = Kind.values();
    if (kind >= kinds.length) {
      throw new IllegalStateException("a peer sent an operation of kind %d".formatted(kind));
    }
    return new Operation(kinds[kind], code & NUMBER_MASK);
  }

  /** What headers carry. */
  long code() {
    return ((long) kind.ordinal() << KIND_SHIFT) | number;
  }

  @Override
  public String toString() {
    return kind + " " + number;
  }
}
