package dev.megalodon.trainer.training;

import dev.megalodon.trainer.parallel.Collectives;

/**
 * What a rank wants at the end of a step, and, once {@link #agreed}, what all do.
 *
 * @param leave the job's processes should save and leave
 * @param checkpoint somebody has asked for a checkpoint
 */
record Wishes(boolean leave, boolean checkpoint) {
  /** More than there can be ranks, so that one sum tells both. */
  private static final long CHECKPOINT = 1 << 20;

  /** What any rank wishes; the same answer on every rank, in one exchange. */
  Wishes agreed(Collectives collectives) {
    long sum =
        (long) collectives.allReduceSum((leave ? 1 : 0) + (double) (checkpoint ? CHECKPOINT : 0));
    return new Wishes(sum % CHECKPOINT > 0, sum >= CHECKPOINT);
  }
}
