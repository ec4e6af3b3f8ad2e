package dev.megalodon.crds.contract;

import org.jspecify.annotations.Nullable;

/**
 * How training went on after the last loss of a rank. Times are RFC 3339 with milliseconds, by the
 * clock of the worker that answers.
 *
 * @param reason why the epoch before ended; absent on a worker that was not in it
 * @param source what the ranks went on from
 * @param lostSteps steps that were finished before the loss and have to be made again
 * @param lostAt when this worker left the epoch before; absent on a worker that was not in it
 * @param openedAt when all ranks had met
 * @param loadedAt when they had the state to go on from
 * @param firstStepAt when the first step after the loss was finished; absent until then
 */
public record Recovery(
    @Nullable String reason,
    Source source,
    long lostSteps,
    @Nullable String lostAt,
    String openedAt,
    String loadedAt,
    @Nullable String firstStepAt) {

  /** What ranks go on from. */
  public enum Source {
    /** The state that living ranks have in memory. */
    LIVE,
    /** A checkpoint. */
    CHECKPOINT,
    /** Step 0: there was no checkpoint yet. */
    BEGINNING
  }
}
