package dev.megalodon.crds.contract;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a worker answers to {@code GET /curve?since=STEP}, as JSON with these names: the course of
 * the training at steps that are spread over all of it. Rank 0 has it; other ranks have no points.
 * The lists {@code step} to {@code tokensPerSecond} are equally long and have what comes after the
 * step that was asked for; the others are always whole. Steps rise. A number that is not known, or
 * was none, is {@code "NaN"}.
 *
 * @param jobUid UID of the job, so that an answer of another job's pod is not believed
 * @param rank rank that answers
 * @param incarnation its incarnation
 * @param revision changes whenever points that were told before are gone: then ask for all again
 * @param step steps, counted from 1
 * @param time when each was done, milliseconds since 1970
 * @param loss mean training loss of the step, nats per token
 * @param gradientNorm global gradient norm before clipping
 * @param tokensPerSecond smoothed over the steps before, all ranks together
 * @param heldOutStep steps after which the loss on held-out text was measured
 * @param heldOutLoss that loss, nats per token
 * @param checkpoints newest checkpoints, oldest first, at most {@link #MOST_CHECKPOINTS}
 */
public record Curve(
    String jobUid,
    int rank,
    long incarnation,
    long revision,
    List<Long> step,
    List<Long> time,
    List<Double> loss,
    List<Double> gradientNorm,
    List<Double> tokensPerSecond,
    List<Long> heldOutStep,
    List<Double> heldOutLoss,
    List<Checkpoint> checkpoints) {

  /** Training steps of a curve at most, however long the run. */
  public static final int MOST_POINTS = 2_048;

  /** Held-out losses of a curve at most. */
  public static final int MOST_EVALUATIONS = 512;

  /** Entries of {@link #checkpoints} at most. */
  public static final int MOST_CHECKPOINTS = 16;

  /** Copies the lists; one that a worker of another version did not send is empty. */
  public Curve {
    step = copy(step);
    time = copy(time);
    loss = copy(loss);
    gradientNorm = copy(gradientNorm);
    tokensPerSecond = copy(tokensPerSecond);
    heldOutStep = copy(heldOutStep);
    heldOutLoss = copy(heldOutLoss);
    checkpoints = copy(checkpoints);
  }

  private static <T> List<T> copy(@Nullable List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }

  /**
   * A committed checkpoint.
   *
   * @param step step after which it was taken
   * @param time when it was committed, RFC 3339
   * @param uri its folder, relative to the checkpoint volume's root
   * @param seconds from the copy of the state to the commit; 0 for one that was read
   */
  public record Checkpoint(long step, String time, String uri, double seconds) {}

  /** The newest step; −1 without any. */
  public long lastStep() {
    return step.isEmpty() ? -1 : step.getLast();
  }

  /** The same without the points up to a step, which the asker has. */
  public Curve since(long known) {
    int first = (int) step.stream().takeWhile(each -> each <= known).count();
    return new Curve(
        jobUid,
        rank,
        incarnation,
        revision,
        from(first, step),
        from(first, time),
        from(first, loss),
        from(first, gradientNorm),
        from(first, tokensPerSecond),
        heldOutStep,
        heldOutLoss,
        checkpoints);
  }

  private static <T> List<T> from(int first, List<T> values) {
    return values.subList(first, values.size());
  }

  /** Whether an answer to a later question goes on where this ends. */
  public boolean goesOnWith(Curve later) {
    return incarnation == later.incarnation && revision == later.revision;
  }

  /** This and the points of an answer that {@link #goesOnWith goes on} where it ends. */
  public Curve followedBy(Curve later) {
    return new Curve(
        jobUid,
        rank,
        incarnation,
        revision,
        joined(step, later.step),
        joined(time, later.time),
        joined(loss, later.loss),
        joined(gradientNorm, later.gradientNorm),
        joined(tokensPerSecond, later.tokensPerSecond),
        later.heldOutStep,
        later.heldOutLoss,
        later.checkpoints);
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}
