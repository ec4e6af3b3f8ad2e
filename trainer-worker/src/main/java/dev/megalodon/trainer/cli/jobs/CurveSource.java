package dev.megalodon.trainer.cli.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.crds.v1alpha1.TrainingProgress;
import dev.megalodon.trainer.exit.WorkerExit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Where the course of a training comes from: rank 0's {@code GET /curve}, by way of the API server.
 * Where that cannot be had, what the job's status shows while one watches. Reads the answer
 * leniently, so that workers of other versions can be watched too.
 */
final class CurveSource {
  private final Cluster cluster;
  private Optional<Told> told = Optional.empty();
  private History watched = History.NONE;

  /** What rank 0 has told, and what its later answers must share to go on where it ends. */
  private record Told(long incarnation, long revision, List<History.Point> points) {
    long lastStep() {
      return points.isEmpty() ? -1 : points.getLast().step();
    }

    boolean goesOnWith(Told later) {
      return incarnation == later.incarnation && revision == later.revision;
    }

    Told followedBy(Told later) {
      List<History.Point> all = new ArrayList<>(points);
      all.addAll(later.points);
      return new Told(incarnation, revision, all);
    }
  }

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
      return new History(told.get().points(), Optional.empty());
    } catch (WorkerExit e) {
      return fallback(e.sentence());
    }
  }

  private History fallback(String reason) {
    return told.map(known -> new History(known.points(), Optional.of(reason)))
        .orElseGet(() -> new History(watched.points(), Optional.of("seen here only: " + reason)));
  }

  private Told ask(Job job, String pod) {
    if (told.isPresent()) {
      Told known = told.get();
      Told later = read(cluster.ask(job, pod, "/curve?since=" + known.lastStep()));
      if (known.goesOnWith(later)) {
        return known.followedBy(later);
      }
    }
    return read(cluster.ask(job, pod, "/curve"));
  }

  private static Told read(JsonNode curve) {
    JsonNode steps = curve.path("step");
    List<History.Point> points = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      points.add(
          new History.Point(
              steps.get(i).asLong(),
              number(curve, "loss", i),
              number(curve, "gradientNorm", i),
              number(curve, "tokensPerSecond", i)));
    }
    return new Told(
        curve.path("incarnation").asLong(), curve.path("revision").asLong(), List.copyOf(points));
  }

  private static double number(JsonNode curve, String list, int index) {
    return curve.path(list).path(index).asDouble(Double.NaN);
  }

  private static History.Point point(TrainingProgress progress) {
    return new History.Point(
        progress.step(),
        Objects.requireNonNullElse(progress.loss(), Double.NaN),
        Double.NaN,
        Objects.requireNonNullElse(progress.tokensPerSecond(), Double.NaN));
  }
}
