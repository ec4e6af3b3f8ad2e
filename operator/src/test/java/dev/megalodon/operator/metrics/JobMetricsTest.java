package dev.megalodon.operator.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.AttemptStatus.ResumedFrom;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.status.Attempts;
import dev.megalodon.operator.status.ConditionType;
import dev.megalodon.operator.status.StatusDraft;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class JobMetricsTest {
  private static final JobId JOB = new JobId("default", "story", "uid");
  private static final Instant ENDED = Instant.parse("2026-01-01T00:00:00Z");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final JobMetrics metrics = new JobMetrics(registry);

  private static AttemptStatus loss(int rank) {
    return Attempts.booked(
        rank, rank, "Stalled", "", null, true, Optional.of(ENDED), ENDED.plusSeconds(12));
  }

  private static AttemptStatus recovered(int rank) {
    return Attempts.recovered(
        loss(rank), ENDED.plusSeconds(20), Optional.of(7L), Optional.of(ResumedFrom.CHECKPOINT));
  }

  private static MegalodonTrainingJobStatus status(AttemptStatus... attempts) {
    StatusDraft draft = new StatusDraft(StatusDraft.empty(), ENDED, 1);
    Arrays.stream(attempts).forEach(draft::addAttempt);
    draft.goodput(93);
    return draft.build();
  }

  @Test
  void shouldCountAndTimeEachLossOnce() {
    metrics.written(status(), status(loss(1), loss(2)));
    metrics.written(status(loss(1), loss(2)), status(loss(1), loss(2)));
    metrics.written(status(loss(1), loss(2)), status(recovered(1), recovered(2)));
    metrics.written(status(recovered(1), recovered(2)), status(recovered(1), recovered(2)));
    assertEquals(
        2, registry.get("megalodon.worker.losses").tag("cause", "Stalled").counter().count());
    var detection = registry.get("megalodon.worker.detection").tag("cause", "Stalled").timer();
    assertEquals(2, detection.count());
    assertEquals(24, detection.totalTime(TimeUnit.SECONDS));
    var recovery = registry.get("megalodon.worker.recovery").tag("cause", "Stalled").timer();
    assertEquals(40, recovery.totalTime(TimeUnit.SECONDS));
    assertEquals(7, registry.get("megalodon.job.lost.steps").counter().count());
  }

  @Test
  void shouldCountEachEndOnce() {
    MegalodonTrainingJobStatus failed = ended(JobPhase.FAILED);
    metrics.written(status(), failed);
    metrics.written(failed, failed);
    metrics.written(status(), ended(JobPhase.COMPLETE));
    Counter failures = registry.get("megalodon.jobs.failed").tag("reason", "BadData").counter();
    assertEquals(1, failures.count());
    assertEquals(1, registry.get("megalodon.jobs.completed").counter().count());
  }

  private static MegalodonTrainingJobStatus ended(JobPhase phase) {
    StatusDraft draft = new StatusDraft(StatusDraft.empty(), ENDED, 1);
    draft.phase(phase);
    draft.conditions().set(ConditionType.FAILED, phase == JobPhase.FAILED, "BadData", "");
    return draft.build();
  }

  @Test
  void shouldHaveFewSeriesWhateverCausesThereAre() {
    for (int i = 0; i < 1_000; i++) {
      metrics.written(
          status(),
          status(
              Attempts.booked(
                  1, 1, "Cause" + i, "", null, true, Optional.of(ENDED), ENDED.plusSeconds(1))));
    }
    assertEquals(51, registry.find("megalodon.worker.losses").counters().size());
    assertEquals(
        950, registry.get("megalodon.worker.losses").tag("cause", "Other").counter().count());
  }

  @Test
  void shouldShowGoodputWhileTheJobIsThere() {
    metrics.seen(JOB, status());
    metrics.seen(JOB, status());
    assertEquals(
        0.93,
        registry
            .get("megalodon.job.goodput")
            .tags("namespace", "default", "name", "story")
            .gauge()
            .value());
    metrics.forget(JOB);
    assertNull(registry.find("megalodon.job.goodput").gauge());
  }
}
