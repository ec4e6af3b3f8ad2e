package dev.megalodon.operator.dashboard;

import dev.megalodon.crds.contract.Curve;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.TrainingProgress;
import dev.megalodon.operator.naming.JobId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The losses that each job's status went through, thinned: enough for a line in a list. */
@ApplicationScoped
class LossHistory {
  static final int MOST_POINTS = 64;

  private final Map<JobId, List<Point>> points = new ConcurrentHashMap<>();

  /** A loss after a step. */
  record Point(long step, double loss) {}

  /** Takes down what a job's status says now. */
  void note(MegalodonTrainingJob job) {
    Optional.ofNullable(job.getStatus())
        .map(status -> status.progress())
        .flatMap(LossHistory::point)
        .ifPresent(
            point ->
                points.merge(
                    JobId.of(job), List.of(point), (known, added) -> joined(known, point)));
  }

  private static Optional<Point> point(TrainingProgress progress) {
    return Optional.ofNullable(progress.loss())
        .filter(Double::isFinite)
        .map(loss -> new Point(progress.step(), loss));
  }

  private static List<Point> joined(List<Point> known, Point added) {
    List<Point> joined = new ArrayList<>(known);
    // Steps are made again after a loss of workers.
    joined.removeIf(point -> point.step() >= added.step());
    joined.add(added);
    return List.copyOf(joined.size() > MOST_POINTS ? thinned(joined) : joined);
  }

  /** The same from a curve, which knows what was before this operator. */
  static List<Point> of(Curve curve) {
    List<Point> all = new ArrayList<>();
    int stride = Math.ceilDiv(Math.max(1, curve.step().size()), MOST_POINTS);
    for (int i = 0; i < curve.step().size(); i += stride) {
      if (Double.isFinite(curve.loss().get(i))) {
        all.add(new Point(curve.step().get(i), curve.loss().get(i)));
      }
    }
    return List.copyOf(all);
  }

  private static List<Point> thinned(List<Point> points) {
    List<Point> kept = new ArrayList<>();
    for (int i = 0; i < points.size() - 1; i += 2) {
      kept.add(points.get(i));
    }
    kept.add(points.getLast());
    return kept;
  }

  /** Losses by rising step, at most {@link #MOST_POINTS}. */
  List<Point> of(JobId job) {
    return points.getOrDefault(job, List.of());
  }

  void forget(JobId job) {
    points.remove(job);
  }
}
