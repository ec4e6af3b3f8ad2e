package dev.megalodon.trainer.parallel;

import java.time.Duration;

/**
 * Bounds of collectives.
 *
 * @param silence how long an operation may make no progress before the group counts as broken
 * @param ticker measures the silence
 */
public record CollectiveSettings(Duration silence, Ticker ticker) {
  /** Ten seconds on the machine's clock. */
  public static final CollectiveSettings DEFAULT =
      new CollectiveSettings(Duration.ofSeconds(10), Ticker.SYSTEM);
}
