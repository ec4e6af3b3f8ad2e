package dev.megalodon.trainer.parallel;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits without burning a core: yields a few times, then sleeps longer and longer up to half a
 * millisecond, and measures for how long there was no progress. Ranks outnumber cores where pods
 * share a node, so spinning here would stop the very peer that is waited for.
 */
final class PatientWait {
  private static final int YIELDS = 20;
  private static final long SHORTEST_SLEEP_NANOS = 1_000;
  private static final long LONGEST_SLEEP_NANOS = 500_000;

  private final Ticker ticker;
  private final long silenceNanos;
  private int yields;
  private long sleepNanos = SHORTEST_SLEEP_NANOS;
  private long lastProgress;

  PatientWait(CollectiveSettings settings) {
    this.ticker = settings.ticker();
    this.silenceNanos = settings.silence().toNanos();
    this.lastProgress = ticker.nanos();
  }

  /** Something was sent or received, or an operation begins: measure from here. */
  void progressed() {
    lastProgress = ticker.nanos();
    yields = 0;
    sleepNanos = SHORTEST_SLEEP_NANOS;
  }

  /** Gives the core away for a moment. */
  void idle() {
    if (yields < YIELDS) {
      yields++;
      Thread.yield();
    } else {
      LockSupport.parkNanos(sleepNanos);
      sleepNanos = Math.min(2 * sleepNanos, LONGEST_SLEEP_NANOS);
    }
  }

  /** Whether there was no progress for as long as is allowed. */
  boolean expired() {
    return ticker.nanos() - lastProgress >= silenceNanos;
  }

  /** How long there was no progress. */
  Duration silence() {
    return Duration.ofNanos(ticker.nanos() - lastProgress);
  }
}
