package dev.megalodon.trainer.parallel;

import java.util.Locale;

/**
 * What the thread that trains does at one moment.
 *
 * @param state whether it computes or waits
 * @param work what for
 * @param step the step it makes or made last, counted from 1
 * @param quietNanos for how long nothing has happened: since it began to compute, or since it waits
 *     and no message has moved
 * @param usualNanos the longest that this rank computed for such work of late; 0 if it never did
 * @param times where the time of its last steps went
 */
public record Activity(
    State state, Work work, long step, long quietNanos, long usualNanos, StepTimes times) {
  /** Nothing is known. */
  public static final Activity UNKNOWN =
      new Activity(State.OTHER, Work.OTHER, 0, 0, 0, StepTimes.NONE);

  /** What the thread does; the order is part of the wire format. */
  public enum State {
    /** Anything whose time cannot be told beforehand: loads, saves, waits in the rendezvous. */
    OTHER,
    /** Computes in a step or an evaluation. */
    COMPUTING,
    /** Waits in an operation for other ranks. */
    WAITING
  }

  /** What it does it for; the order is part of the wire format. */
  public enum Work {
    /** Neither of the two. */
    OTHER,
    /** A training step. */
    STEP,
    /** An evaluation on held-out text. */
    EVALUATION
  }

  /** The same times, and nothing known of what is done. */
  public Activity timesOnly() {
    return new Activity(State.OTHER, Work.OTHER, step, 0, 0, times);
  }

  /** As in "computing step 57 for 12.3 s". */
  public String sentence() {
    String what =
        switch (work) {
          case OTHER -> "an operation outside of steps";
          case STEP -> "step " + step;
          case EVALUATION -> "the evaluation after step " + step;
        };
    return switch (state) {
      case OTHER -> "loading, saving or starting";
      case COMPUTING -> "computing %s for %s".formatted(what, seconds());
      case WAITING -> "waiting in %s for %s".formatted(what, seconds());
    };
  }

  private String seconds() {
    return String.format(Locale.ROOT, "%.1f s", quietNanos / 1e9);
  }
}
