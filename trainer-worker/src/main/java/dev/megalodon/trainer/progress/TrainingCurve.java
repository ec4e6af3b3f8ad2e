package dev.megalodon.trainer.progress;

import dev.megalodon.crds.contract.Curve;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/**
 * The course of the training for people who watch, in bounded memory: the training thread adds to
 * it, HTTP threads read it. It lives as long as the process, through any number of epochs.
 */
public final class TrainingCurve {
  private static final MathContext DIGITS = new MathContext(6);

  private final ThinnedSeries<Point> points = new ThinnedSeries<>(Curve.MOST_POINTS, Point::step);
  private final ThinnedSeries<HeldOut> evaluations =
      new ThinnedSeries<>(Curve.MOST_EVALUATIONS, HeldOut::step);
  private final Deque<Curve.Checkpoint> checkpoints = new ArrayDeque<>();
  private long revision;

  /**
   * A finished step.
   *
   * @param step counted from 1
   * @param time when it was done, milliseconds since 1970
   * @param loss nats per token
   * @param gradientNorm before clipping
   * @param tokensPerSecond all ranks; NaN if not known
   */
  public record Point(
      long step, long time, double loss, double gradientNorm, double tokensPerSecond) {}

  private record HeldOut(long step, double loss) {}

  /** Adds a step; one that was made before is replaced, with all after it. */
  public synchronized void step(Point point) {
    if (points.add(point)) {
      revision++;
    }
  }

  /** Adds the loss on held-out text after a step. */
  public synchronized void evaluation(long step, double loss) {
    evaluations.add(new HeldOut(step, loss));
  }

  /** Adds a committed checkpoint. */
  public synchronized void checkpoint(Curve.Checkpoint checkpoint) {
    checkpoints.removeIf(known -> known.uri().equals(checkpoint.uri()));
    checkpoints.addLast(checkpoint);
    if (checkpoints.size() > Curve.MOST_CHECKPOINTS) {
      checkpoints.removeFirst();
    }
  }

  /** Puts what another process of this rank did before all that is here. */
  public synchronized void precede(TrainingCurve before) {
    List<Point> own = List.copyOf(points.points());
    List<HeldOut> ownEvaluations = List.copyOf(evaluations.points());
    before.points.points().forEach(points::add);
    before.evaluations.points().forEach(evaluations::add);
    own.forEach(points::add);
    ownEvaluations.forEach(evaluations::add);
    revision++;
  }

  /** What there is to say now, by a worker that is this. */
  public synchronized Curve told(String jobUid, int rank, long incarnation) {
    return new Curve(
        jobUid,
        rank,
        incarnation,
        revision,
        each(points, Point::step),
        each(points, Point::time),
        each(points, point -> short6(point.loss())),
        each(points, point -> short6(point.gradientNorm())),
        each(points, point -> short6(point.tokensPerSecond())),
        each(evaluations, HeldOut::step),
        each(evaluations, held -> short6(held.loss())),
        List.copyOf(checkpoints));
  }

  private static <T, R> List<R> each(ThinnedSeries<T> series, Function<T, R> field) {
    return series.points().stream().map(field).toList();
  }

  /** More digits than anybody sees would make the answer three times as long. */
  private static double short6(double value) {
    return Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).doubleValue() : value;
  }
}
