package dev.megalodon.operator.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.TrainingProgress;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.status.StatusDraft;
import dev.megalodon.operator.testing.TestJobs;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LossHistoryTest {
  private final LossHistory history = new LossHistory();
  private final MegalodonTrainingJob job = TestJobs.job();

  private void reach(long step) {
    TrainingProgress progress =
        new TrainingProgress(step, 100_000, "", 0, 0, 1.0 / (step + 1), null, null, null, null);
    MegalodonTrainingJobStatus status =
        new StatusDraft(StatusDraft.empty(), Instant.EPOCH, 1).build();
    job.setStatus(
        Serialization.unmarshal(
            Serialization.asJson(merged(status, progress)), MegalodonTrainingJobStatus.class));
    history.note(job);
  }

  private static Map<String, Object> merged(
      MegalodonTrainingJobStatus status, TrainingProgress progress) {
    @SuppressWarnings("unchecked")
    Map<String, Object> tree =
        Serialization.unmarshal(Serialization.asJson(status), java.util.LinkedHashMap.class);
    tree.put("progress", progress);
    return tree;
  }

  private List<Long> steps() {
    return history.of(JobId.of(job)).stream().map(LossHistory.Point::step).toList();
  }

  @Test
  void shouldStayWithinItsBoundAndKeepTheNewest() {
    for (long step = 0; step < 5_000; step++) {
      reach(step);
    }
    assertTrue(steps().size() <= LossHistory.MOST_POINTS, steps().toString());
    assertTrue(steps().size() >= LossHistory.MOST_POINTS / 2, steps().toString());
    assertEquals(steps().stream().sorted().distinct().toList(), steps());
    assertEquals(4_999, steps().getLast());
  }

  @Test
  void shouldReplaceStepsThatAreMadeAgain() {
    reach(10);
    reach(20);
    reach(30);
    reach(20);
    reach(25);
    assertEquals(List.of(10L, 20L, 25L), steps());
    history.forget(JobId.of(job));
    assertEquals(List.of(), steps());
  }
}
