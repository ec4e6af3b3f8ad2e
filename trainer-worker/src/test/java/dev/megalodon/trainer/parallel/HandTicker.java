package dev.megalodon.trainer.parallel;

import java.time.Duration;

/** A clock that a test moves by hand. */
public final class HandTicker implements Ticker {
  private volatile long nanos = 1_000_000_007L;

  @Override
  public long nanos() {
    return nanos;
  }

  /** Time passes. */
  public void pass(Duration duration) {
    nanos += duration.toNanos();
  }
}
