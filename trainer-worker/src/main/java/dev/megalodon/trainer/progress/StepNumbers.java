package dev.megalodon.trainer.progress;

import dev.megalodon.trainer.parallel.PhaseTimes;
import java.time.Duration;

/**
 * A finished step in numbers.
 *
 * @param phases what its time went into
 * @param tokens that it trained on, all ranks
 * @param gradientNorm global norm before clipping
 * @param learningRate of the update
 */
public record StepNumbers(
    PhaseTimes phases, long tokens, double gradientNorm, double learningRate) {
  /** How long it took. */
  public Duration duration() {
    return Duration.ofNanos(phases.totalNanos());
  }
}
