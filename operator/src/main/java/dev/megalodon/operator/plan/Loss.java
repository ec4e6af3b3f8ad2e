package dev.megalodon.operator.plan;

import dev.megalodon.crds.contract.AbsentRank;
import java.time.Instant;
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
 * @param ended when it ended or fell silent; empty if it is only leaving
 * @param absence what its peers say of it, if that is how it was found
 */
public record Loss(
    int rank,
    long incarnation,
    String cause,
    String message,
    Optional<Integer> exitCode,
    Verdict verdict,
    boolean wasHealthy,
    Optional<Instant> ended,
    Optional<AbsentRank> absence) {

  /** A loss of which nothing more is known. */
  Loss(
      int rank,
      long incarnation,
      String cause,
      String message,
      Optional<Integer> exitCode,
      Verdict verdict) {
    this(
        rank,
        incarnation,
        cause,
        message,
        exitCode,
        verdict,
        false,
        Optional.empty(),
        Optional.empty());
  }

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
    return new Loss(rank, incarnation, cause, message, exitCode, other, wasHealthy, ended, absence);
  }

  /** The same loss of a worker that had been ready for long, or had not. */
  Loss withHealth(boolean healthy) {
    return new Loss(rank, incarnation, cause, message, exitCode, verdict, healthy, ended, absence);
  }

  /** The same loss of a worker that ended then, if it is known when. */
  Loss endedAt(Optional<Instant> end) {
    return new Loss(rank, incarnation, cause, message, exitCode, verdict, wasHealthy, end, absence);
  }

  /** The same loss as its peers noticed it. */
  Loss as(AbsentRank missing) {
    return new Loss(
        rank,
        incarnation,
        cause,
        message,
        exitCode,
        verdict,
        wasHealthy,
        ended,
        Optional.of(missing));
  }

  /** For conditions and events: {@code rank 1: OOMKilled: …}. */
  String describe() {
    return "rank %d: %s%s".formatted(rank, cause, message.isEmpty() ? "" : ": " + message);
  }
}
