package dev.megalodon.operator.plan;

import java.util.Optional;

/**
 * A worker that is no more, or never will be.
 *
 * @param rank its rank
 * @param incarnation its incarnation
 * @param cause why, in one CamelCase word
 * @param message its own last words, or what was observed
 * @param exitCode exit status of its container, if it had one
 * @param verdict what follows
 * @param wasHealthy whether it had been ready for long, so that back-off starts anew
 */
public record Loss(
    int rank,
    long incarnation,
    String cause,
    String message,
    Optional<Integer> exitCode,
    Verdict verdict,
    boolean wasHealthy) {

  /** What follows from a loss. */
  public enum Verdict {
    /** Replaced and charged to the restart budget. */
    CHARGED,
    /** Replaced; the cluster or a person took it away. */
    UNCHARGED,
    /** Replaced without a word: its pod was never seen, so most likely never made. */
    UNSEEN,
    /** The job fails: it would end so again. */
    PERMANENT
  }

  /** The same loss with another consequence. */
  Loss as(Verdict other) {
    return new Loss(rank, incarnation, cause, message, exitCode, other, wasHealthy);
  }

  /** The same loss of a worker that had been ready for long, or had not. */
  Loss withHealth(boolean healthy) {
    return new Loss(rank, incarnation, cause, message, exitCode, verdict, healthy);
  }

  /** For conditions and events: {@code rank 1: OOMKilled: …}. */
  String describe() {
    return "rank %d: %s%s".formatted(rank, cause, message.isEmpty() ? "" : ": " + message);
  }
}
