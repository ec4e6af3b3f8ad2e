package dev.megalodon.trainer.data.order;

/**
 * Chooses where the sequences of a batch begin. A pure function of step and index, so that a run
 * may stop and go on anywhere, on any number of ranks, and see the same text: the position in the
 * data is the step. The number of a sequence is n = step × G + index, with G sequences a step.
 */
public interface WindowOrder {
  /** The orders that there are. */
  enum Kind {
    /** {@link RandomOrder}. */
    RANDOM,
    /** {@link ShuffledOrder}. */
    SHUFFLED,
    /** {@link ConsecutiveOrder}. */
    CONSECUTIVE
  }

  /**
   * Where a sequence begins.
   *
   * @param step step of the run, counted from 0
   * @param index sequence in the global batch, counted from 0
   */
  Window window(long step, int index);

  /** Whether each sequence of a step goes on where the same one of the step before ended. */
  default boolean continues(long step) {
    return false;
  }

  /** The order of a kind over these sources. */
  static WindowOrder of(Kind kind, Extent extent, long seed) {
    return switch (kind) {
      case RANDOM -> new RandomOrder(extent, seed);
      case SHUFFLED -> new ShuffledOrder(extent, seed);
      case CONSECUTIVE -> new ConsecutiveOrder(extent);
    };
  }
}
