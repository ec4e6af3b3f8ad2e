package dev.megalodon.operator.controller;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.status.Attempts;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What Prometheus is told about jobs; reconciliations are counted by the SDK. */
final class JobMetrics {
  private final MeterRegistry registry;
  private final Map<JobId, JobPhase> phases = new ConcurrentHashMap<>();
  private final Map<JobId, Integer> goodputs = new ConcurrentHashMap<>();
  private final Map<JobId, Gauge> gauges = new ConcurrentHashMap<>();

  JobMetrics(MeterRegistry registry) {
    this.registry = registry;
    for (JobPhase phase : JobPhase.values()) {
      Gauge.builder("megalodon.jobs", phases, all -> count(all, phase))
          .description("Jobs by phase")
          .tag("phase", phase.name().toLowerCase(java.util.Locale.ROOT))
          .register(registry);
    }
  }

  private static double count(Map<JobId, JobPhase> all, JobPhase phase) {
    return all.values().stream().filter(phase::equals).count();
  }

  /** A job as its status stands, written by this pass or before. */
  void seen(JobId job, MegalodonTrainingJobStatus status) {
    Optional.ofNullable(status.phase()).ifPresent(phase -> phases.put(job, phase));
    Optional.ofNullable(status.goodputPercent())
        .ifPresent(
            percent -> {
              goodputs.put(job, percent);
              gauges.computeIfAbsent(job, this::goodput);
            });
  }

  private Gauge goodput(JobId job) {
    return Gauge.builder("megalodon.job.goodput", goodputs, all -> ratio(all.get(job)))
        .description("Share of a job's active time that went into steps that count")
        .tag("namespace", job.namespace())
        .tag("name", job.name())
        .register(registry);
  }

  private static double ratio(@Nullable Integer percent) {
    return percent == null ? Double.NaN : percent / 100.0;
  }

  void forget(JobId job) {
    phases.remove(job);
    goodputs.remove(job);
    Optional.ofNullable(gauges.remove(job)).ifPresent(registry::remove);
  }

  /** Counts what a status write brought. */
  void written(MegalodonTrainingJobStatus before, MegalodonTrainingJobStatus after) {
    List<AttemptStatus> known = orEmpty(before.attempts());
    orEmpty(after.attempts()).stream()
        .filter(loss -> known.stream().noneMatch(old -> Attempts.isSame(old, loss)))
        .forEach(this::countLoss);
    List<AttemptStatus> recovered =
        orEmpty(after.attempts()).stream()
            .filter(loss -> !Attempts.isOpen(loss))
            .filter(loss -> known.stream().noneMatch(old -> isDone(old, loss)))
            .toList();
    recovered.forEach(loss -> time("megalodon.worker.recovery", loss, loss.recoverSeconds()));
    // What is lost together is made again together.
    recovered.stream()
        .map(AttemptStatus::lostSteps)
        .filter(Objects::nonNull)
        .max(Long::compare)
        .ifPresent(steps -> registry.counter("megalodon.job.lost.steps").increment(steps));
  }

  private static boolean isDone(AttemptStatus old, AttemptStatus loss) {
    return Attempts.isSame(old, loss) && !Attempts.isOpen(old);
  }

  private void countLoss(AttemptStatus loss) {
    Tags tags = Tags.of("cause", loss.cause(), "charged", Boolean.toString(loss.charged()));
    registry.counter("megalodon.worker.losses", tags).increment();
    time("megalodon.worker.detection", loss, loss.detectSeconds());
  }

  /** From the end of a worker to its being noticed, or to training going on. */
  private void time(String name, AttemptStatus loss, @Nullable Double seconds) {
    if (seconds != null) {
      Timer.builder(name)
          .tag("cause", loss.cause())
          .register(registry)
          .record(Duration.ofMillis(Math.round(1000 * seconds)));
    }
  }

  private static List<AttemptStatus> orEmpty(@Nullable List<AttemptStatus> attempts) {
    return attempts == null ? List.of() : attempts;
  }
}
