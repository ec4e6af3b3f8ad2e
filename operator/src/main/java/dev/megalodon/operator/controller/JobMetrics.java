package dev.megalodon.operator.controller;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.status.Times;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What Prometheus is told about jobs; reconciliations are counted by the SDK. */
final class JobMetrics {
  private final MeterRegistry registry;
  private final Map<JobId, JobPhase> phases = new ConcurrentHashMap<>();

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
  }

  void forget(JobId job) {
    phases.remove(job);
  }

  /** Counts what a status write brought. */
  void written(MegalodonTrainingJobStatus before, MegalodonTrainingJobStatus after) {
    Set<Long> known = new HashSet<>();
    Set<Long> recovered = new HashSet<>();
    for (AttemptStatus attempt : orEmpty(before.attempts())) {
      known.add(attempt.incarnation());
      if (attempt.recovered() != null) {
        recovered.add(attempt.incarnation());
      }
    }
    for (AttemptStatus attempt : orEmpty(after.attempts())) {
      if (!known.contains(attempt.incarnation())) {
        countLoss(attempt);
      }
      if (!recovered.contains(attempt.incarnation())) {
        timeRecovery(attempt);
      }
    }
  }

  private void countLoss(AttemptStatus attempt) {
    Tags tags = Tags.of("cause", attempt.cause(), "charged", Boolean.toString(attempt.charged()));
    registry.counter("megalodon.worker.losses", tags).increment();
  }

  private void timeRecovery(AttemptStatus attempt) {
    Optional<Instant> detected = Times.parse(attempt.detected());
    Times.parse(attempt.recovered())
        .flatMap(end -> detected.map(begin -> Duration.between(begin, end)))
        .ifPresent(
            took ->
                Timer.builder("megalodon.worker.recovery")
                    .description("From a loss noticed to training going on")
                    .tag("cause", attempt.cause())
                    .register(registry)
                    .record(took));
  }

  private static List<AttemptStatus> orEmpty(@Nullable List<AttemptStatus> attempts) {
    return attempts == null ? List.of() : attempts;
  }
}
