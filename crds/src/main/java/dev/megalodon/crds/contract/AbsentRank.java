package dev.megalodon.crds.contract;

/**
 * A rank that the others of its job wait for.
 *
 * @param rank the rank
 * @param incarnation the incarnation that was lost; 0 if none of it was ever heard of
 * @param cause how it was lost
 * @param reason one sentence that names the rank
 * @param seconds for how long it has been missing
 */
public record AbsentRank(int rank, long incarnation, Cause cause, String reason, double seconds) {

  /** How a rank was lost. */
  public enum Cause {
    /** Its process ended, or its connection did. */
    ENDED,
    /** Nothing was heard of its process for longer than is allowed: frozen or cut off. */
    SILENT,
    /** Its process lives and its training thread makes no progress. */
    STUCK,
    /** It left on notice. */
    LEFT,
    /** It never came. */
    NEVER_JOINED
  }
}
