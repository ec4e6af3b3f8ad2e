package dev.megalodon.trainer.rendezvous;

import java.time.Duration;

/**
 * How long a rank whose process is alive may seem to do nothing.
 *
 * @param computing how long a rank may always compute while all others wait
 * @param factor how many times as long as of late it may compute while all others wait
 * @param unmeasured how long it may compute what it never did before, or do what is never measured:
 *     load, save, start
 * @param exchange how long all ranks may wait for each other and no message moves
 */
public record StuckBounds(Duration computing, int factor, Duration unmeasured, Duration exchange) {
  /**
   * What suits a job: a step that begins to page or to read slowly is not mistaken for one that
   * will never end.
   */
  public static final StuckBounds DEFAULT =
      new StuckBounds(Duration.ofSeconds(10), 10, Duration.ofSeconds(120), Duration.ofSeconds(20));
}
