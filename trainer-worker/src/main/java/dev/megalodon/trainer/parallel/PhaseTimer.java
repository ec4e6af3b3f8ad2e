package dev.megalodon.trainer.parallel;

import java.util.Arrays;

/**
 * Splits the time of a step into phases: a look at the clock at every change and no garbage. One
 * thread uses it.
 */
final class PhaseTimer {
  private final Ticker ticker;
  private final long[] nanos = new long[TimedPhase.values().length];
  private TimedPhase phase = TimedPhase.DATA;
  private boolean waiting;
  private long since;

  PhaseTimer(Ticker ticker) {
    this.ticker = ticker;
  }

  /** A step begins, with its data; the step before is forgotten. */
  void begin() {
    Arrays.fill(nanos, 0);
    phase = TimedPhase.DATA;
    waiting = false;
    since = ticker.nanos();
  }

  /** Another phase begins. */
  void enter(TimedPhase next) {
    book();
    phase = next;
  }

  /** An exchange with others begins, or has ended and the phase goes on. */
  void waiting(boolean waits) {
    book();
    waiting = waits;
  }

  /** The times since the step began. */
  PhaseTimes times() {
    book();
    return PhaseTimes.of(nanos);
  }

  private void book() {
    long now = ticker.nanos();
    TimedPhase current = waiting ? TimedPhase.COMMUNICATION : phase;
    nanos[current.ordinal()] += now - since;
    since = now;
  }
}
