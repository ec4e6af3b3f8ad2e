package dev.megalodon.trainer.rendezvous;

/**
 * Why an epoch ended before the work did.
 *
 * @param cause what happened
 * @param reason one sentence that names the rank
 */
public record Loss(Cause cause, String reason) {
  /** What ends an epoch. */
  public enum Cause {
    /** A process ended, or its connection broke. */
    DIED,
    /** Nothing was heard from a process for longer than is allowed. */
    SILENT,
    /** A process left on notice; its replacement is to be expected. */
    LEFT,
    /** A newer incarnation of a rank has come. */
    SUPERSEDED,
    /** A rank's collectives failed although all processes live. */
    EXCHANGE_BROKEN,
    /** Rank 0, which coordinates, cannot be reached any more. */
    COORDINATOR_LOST,
    /** A rank's process lives, and the thread that trains makes no progress. */
    STUCK
  }
}
