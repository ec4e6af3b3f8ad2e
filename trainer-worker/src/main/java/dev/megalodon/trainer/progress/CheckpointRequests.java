package dev.megalodon.trainer.progress;

import dev.megalodon.trainer.parallel.Ticker;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * Where people ask rank 0 for a checkpoint now: at the end of the step under way. Any thread asks;
 * the training thread hears it at the end of each step and tells the other ranks, so that all take
 * it after the same step. The port that it is asked on knows nobody, so there is one at a time and
 * a pause after each.
 */
public final class CheckpointRequests {
  /** From one request that is granted to the next at least. */
  public static final Duration PAUSE = Duration.ofSeconds(10);

  private final Ticker ticker;
  private OptionalLong underWay = OptionalLong.empty();
  private OptionalLong asked = OptionalLong.empty();
  private OptionalLong grantedAt = OptionalLong.empty();

  /** What becomes of a request. */
  public sealed interface Answer {
    /**
     * It will be taken; a lost rank may move it to a later step.
     *
     * @param afterStep the step after which, counted from 1
     */
    record Granted(long afterStep) implements Answer {}

    /** There has just been one. */
    record TooSoon(String sentence) implements Answer {}

    /** No step is being made. */
    record NotTraining(String sentence) implements Answer {}
  }

  /** Nobody has asked yet. */
  public CheckpointRequests(Ticker ticker) {
    this.ticker = ticker;
  }

  /** Asks for a checkpoint at the end of the step under way. */
  public synchronized Answer ask() {
    if (asked.isPresent()) {
      return new Answer.TooSoon(
          "a checkpoint after step %d is asked for already".formatted(asked.getAsLong()));
    }
    if (underWay.isEmpty()) {
      return new Answer.NotTraining("no step is being made just now: ask again while it trains");
    }
    long now = ticker.nanos();
    if (grantedAt.isPresent() && now - grantedAt.getAsLong() < PAUSE.toNanos()) {
      return new Answer.TooSoon(
          "the last one was asked for less than %d s ago".formatted(PAUSE.toSeconds()));
    }
    grantedAt = OptionalLong.of(now);
    asked = underWay;
    return new Answer.Granted(underWay.getAsLong());
  }

  /** Steps are made from here on. */
  public synchronized void trainingFrom(long stepsDone) {
    underWay = OptionalLong.of(stepsDone + 1);
  }

  /** No steps are made. What was asked for stays asked for. */
  public synchronized void notTraining() {
    underWay = OptionalLong.empty();
  }

  /**
   * Whether a checkpoint after this step, which is done, or an earlier one was asked for. Who asks
   * later asks for the next step.
   */
  public synchronized boolean askedAfter(long step) {
    underWay = OptionalLong.of(step + 1);
    return asked.isPresent() && asked.getAsLong() <= step;
  }

  /** A checkpoint of this step is being written, whoever wanted it. */
  public synchronized void served(long step) {
    if (asked.isPresent() && asked.getAsLong() <= step) {
      asked = OptionalLong.empty();
    }
  }
}
