package dev.megalodon.operator.resources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.WorkerEnvironment;
import dev.megalodon.operator.testing.TestJobs;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WorkerPodFactoryTest {
  private final Pod pod =
      new WorkerPodFactory(
              new WorkerDefaults("image", Optional.empty(), List.of(), "512Mi", 10_001, "json"))
          .pod(TestJobs.job(), 1, 2);

  @Test
  void shouldEndAFrozenProcessLongBeforeTheGracePeriodOfOneThatSaves() {
    Container worker = pod.getSpec().getContainers().getFirst();
    Probe liveness = worker.getLivenessProbe();
    long seconds =
        (long) liveness.getPeriodSeconds() * liveness.getFailureThreshold()
            + liveness.getTimeoutSeconds()
            + liveness.getTerminationGracePeriodSeconds();
    assertTrue(seconds <= 40, seconds + " s");
    assertEquals(5, worker.getStartupProbe().getTerminationGracePeriodSeconds());
    assertNull(worker.getReadinessProbe().getTerminationGracePeriodSeconds(), "not allowed there");
    assertEquals(120, pod.getSpec().getTerminationGracePeriodSeconds());
  }

  @Test
  void shouldTellWorkersHowToWriteTheirLogs() {
    assertEquals(
        List.of("json"),
        pod.getSpec().getContainers().getFirst().getEnv().stream()
            .filter(variable -> variable.getName().equals(WorkerEnvironment.LOG_FORMAT))
            .map(EnvVar::getValue)
            .toList());
  }

  @Test
  void shouldNotShowWorkersWhatOnlyTheOperatorActsOn() {
    String document = SpecDocument.of(TestJobs.job().getSpec()).json();
    assertTrue(document.contains("rejoinSeconds"), document);
    for (String own : List.of("maxRestarts", "progressRefundsBudget", "stragglerRatio")) {
      assertTrue(!document.contains(own), own);
    }
  }
}
