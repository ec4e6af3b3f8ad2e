package dev.megalodon.operator.observe;

import dev.megalodon.crds.contract.Progress;
import java.time.Instant;
import java.util.Optional;

/**
 * How a worker's container ended.
 *
 * @param exitCode its exit status, 128 + n for signal n
 * @param reason the kubelet's word: Completed, Error, OOMKilled, StartError, …
 * @param message the worker's own last words; empty if it left none
 * @param finishedAt when it ended
 */
public record Termination(
    int exitCode, String reason, String message, Optional<Instant> finishedAt) {

  /** How far a worker was that finished: it leaves its progress as its last words. */
  public Optional<Progress> finalProgress() {
    return exitCode == 0 ? LastWords.progress(message) : Optional.empty();
  }
}
