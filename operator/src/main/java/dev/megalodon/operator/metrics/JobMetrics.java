package dev.megalodon.operator.metrics;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.status.Attempts;
import dev.megalodon.operator.status.ConditionType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What Prometheus is told about jobs; reconciliations are counted by the SDK. */
public final class JobMetrics {
  private static final Duration[] DETECTION = seconds(1, 2, 5, 10, 15, 20, 30, 60, 120, 300);
  private static final Duration[] RECOVERY = seconds(1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800);

  private final MeterRegistry registry;
  private final Map<JobId, JobPhase> phases = new ConcurrentHashMap<>();
  private final Map<JobId, Integer> goodputs = new ConcurrentHashMap<>();
  private final Map<JobId, Gauge> gauges = new ConcurrentHashMap<>();
  private final BoundedLabel causes = new BoundedLabel();
  private final BoundedLabel reasons = new BoundedLabel();
  private final Counter lostSteps;
  private final Counter completed;

  /** Counts into this registry. */
  public JobMetrics(MeterRegistry registry) {
    this.registry = registry;
    for (JobPhase phase : JobPhase.values()) {
      Gauge.builder("megalodon.jobs", phases, all -> count(all, phase))
          .description("Jobs by phase")
          .tag("phase", phase.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    lostSteps =
        Counter.builder("megalodon.job.lost.steps")
            .description("Steps that had to be made again after losses")
            .register(registry);
    completed =
        Counter.builder("megalodon.jobs.completed")
            .description("Jobs that made all their steps")
            .register(registry);
  }

  private static double count(Map<JobId, JobPhase> all, JobPhase phase) {
    return all.values().stream().filter(phase::equals).count();
  }

  /** A job as its status stands, written by this pass or before. */
  public void seen(JobId job, MegalodonTrainingJobStatus status) {
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

  /** A job is gone, and its series with it. */
  public void forget(JobId job) {
    phases.remove(job);
    goodputs.remove(job);
    Optional.ofNullable(gauges.remove(job)).ifPresent(registry::remove);
  }

  /** Counts what a status write brought. */
  public void written(MegalodonTrainingJobStatus before, MegalodonTrainingJobStatus after) {
    if (before.phase() != after.phase()) {
      countEnd(after);
    }
    List<AttemptStatus> known = orEmpty(before.attempts());
    orEmpty(after.attempts()).stream()
        .filter(loss -> known.stream().noneMatch(old -> Attempts.isSame(old, loss)))
        .forEach(this::countLoss);
    countRecoveries(known, orEmpty(after.attempts()));
  }

  private void countEnd(MegalodonTrainingJobStatus status) {
    if (status.phase() == JobPhase.COMPLETE) {
      completed.increment();
    } else if (status.phase() == JobPhase.FAILED) {
      Counter.builder("megalodon.jobs.failed")
          .description("Jobs that gave up, by the reason of their Failed condition")
          .tag("reason", reasons.of(failure(status)))
          .register(registry)
          .increment();
    }
  }

  private static String failure(MegalodonTrainingJobStatus status) {
    List<Condition> conditions = status.conditions();
    return conditions == null
        ? BoundedLabel.OTHER
        : conditions.stream()
            .filter(condition -> condition.type().equals(ConditionType.FAILED.label()))
            .map(Condition::reason)
            .findFirst()
            .orElse(BoundedLabel.OTHER);
  }

  private void countLoss(AttemptStatus loss) {
    Tags tags =
        Tags.of("cause", causes.of(loss.cause()), "charged", Boolean.toString(loss.charged()));
    Counter.builder("megalodon.worker.losses")
        .description("Workers lost, by cause and by whether the restart budget was charged")
        .tags(tags)
        .register(registry)
        .increment();
    time(
        Timer.builder("megalodon.worker.detection")
            .description("Time from a worker's end to its being noticed")
            .serviceLevelObjectives(DETECTION),
        loss,
        loss.detectSeconds());
  }

  private void countRecoveries(List<AttemptStatus> known, List<AttemptStatus> now) {
    List<AttemptStatus> recovered =
        now.stream()
            .filter(loss -> !Attempts.isOpen(loss))
            .filter(loss -> known.stream().noneMatch(old -> isDone(old, loss)))
            .toList();
    recovered.forEach(
        loss ->
            time(
                Timer.builder("megalodon.worker.recovery")
                    .description("Time from a worker's end to the first step after it")
                    .serviceLevelObjectives(RECOVERY),
                loss,
                loss.recoverSeconds()));
    // What is lost together is made again together.
    recovered.stream()
        .map(AttemptStatus::lostSteps)
        .filter(Objects::nonNull)
        .max(Long::compare)
        .ifPresent(lostSteps::increment);
  }

  private static boolean isDone(AttemptStatus old, AttemptStatus loss) {
    return Attempts.isSame(old, loss) && !Attempts.isOpen(old);
  }

  private void time(Timer.Builder timer, AttemptStatus loss, @Nullable Double seconds) {
    if (seconds != null) {
      timer
          .tag("cause", causes.of(loss.cause()))
          .register(registry)
          .record(Duration.ofMillis(Math.round(1000 * seconds)));
    }
  }

  private static Duration[] seconds(int... bounds) {
    return Arrays.stream(bounds).mapToObj(Duration::ofSeconds).toArray(Duration[]::new);
  }

  private static List<AttemptStatus> orEmpty(@Nullable List<AttemptStatus> attempts) {
    return attempts == null ? List.of() : attempts;
  }
}
