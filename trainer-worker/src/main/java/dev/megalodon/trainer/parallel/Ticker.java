package dev.megalodon.trainer.parallel;

/** A clock that only measures: nanoseconds from an arbitrary origin, never going back. */
@FunctionalInterface
public interface Ticker {
  /** The machine's monotonic clock. */
  Ticker SYSTEM = System::nanoTime;

  /** Nanoseconds since the origin. */
  long nanos();
}
