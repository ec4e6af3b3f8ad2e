package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.Curve;
import dev.megalodon.crds.v1alpha1.TrainingProgress;
import dev.megalodon.trainer.exit.WorkerExit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Where the course of a training comes from: rank 0's {@code GET /curve}, by way of the API server.
 * Where that cannot be had, what the job's status shows while one watches.
 */
final class CurveSource {
  private final Cluster cluster;
  private Optional<Curve> told = Optional.empty();
  private History watched = History.NONE;

  CurveSource(Cluster cluster) {
    this.cluster = cluster;
  }

  /** What is known by now. */
  History update(Job job) {
    job.progress().map(CurveSource::point).ifPresent(point -> watched = watched.with(point));
    Optional<String> pod = job.phase().isFinal() ? Optional.empty() : job.firstPod();
    if (pod.isEmpty()) {
      return fallback("rank 0 does not run");
    }
    try {
      told = Optional.of(ask(job, pod.get()));
      return new History(points(told.get()), Optional.empty());
    } catch (WorkerExit e) {
      return fallback(e.sentence());
    }
  }

  private History fallback(String reason) {
    return told.map(known -> new History(points(known), Optional.of(reason)))
        .orElseGet(() -> new History(watched.points(), Optional.of("seen here only: " + reason)));
  }

  private Curve ask(Job job, String pod) {
    if (told.isPresent()) {
      Curve known = told.get();
      Curve later = cluster.ask(job, pod, "/curve?since=" + known.lastStep(), Curve.class);
      if (known.goesOnWith(later)) {
        return known.followedBy(later);
      }
    }
    return cluster.ask(job, pod, "/curve", Curve.class);
  }

  private static List<History.Point> points(Curve curve) {
    return IntStream.range(0, curve.step().size())
        .mapToObj(
            i ->
                new History.Point(
                    curve.step().get(i),
                    number(curve.loss(), i),
                    number(curve.gradientNorm(), i),
                    number(curve.tokensPerSecond(), i)))
        .toList();
  }

  /** NaN where a worker of another version tells less. */
  private static double number(List<Double> numbers, int index) {
    return index < numbers.size() ? numbers.get(index) : Double.NaN;
  }

  private static History.Point point(TrainingProgress progress) {
    return new History.Point(
        progress.step(),
        Objects.requireNonNullElse(progress.loss(), Double.NaN),
        Double.NaN,
        Objects.requireNonNullElse(progress.tokensPerSecond(), Double.NaN));
  }
}
