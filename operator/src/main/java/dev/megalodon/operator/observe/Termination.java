package dev.megalodon.operator.observe;

import dev.megalodon.crds.contract.Progress;
import java.time.Instant;
import java.util.Optional;

/**
 * How a worker's container ended.
 *
 * @param exitCode its exit status, 128 + n for signal n
 * @param reason the kubelet's word: Completed, Error, OOMKilled, StartError, …
 * @param message the worker's own last words, for people; empty if it left none
 * @param progress how far the worker was, if it ended in good order and said so
 * @param finishedAt when it ended
 */
public record Termination(
    int exitCode,
    String reason,
    String message,
    Optional<Progress> progress,
    Optional<Instant> finishedAt) {

  /**
   * Reads what the kubelet knows.
   *
   * @param words the termination message as it is
   */
  public static Termination of(
      int exitCode, String reason, String words, Optional<Instant> finishedAt) {
    LastWords last = LastWords.of(words.strip());
    return new Termination(exitCode, reason, last.sentence(), last.progress(), finishedAt);
  }
}
