package dev.megalodon.e2e.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.OperatorDeployment;
import dev.megalodon.e2e.cluster.PodProcess;
import dev.megalodon.e2e.cluster.WithCluster;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is killed, the training ends with the bits of the run that nobody disturbed. */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultsE2E {
  private static final String UNDISTURBED = "undisturbed";
  private static final long HURT_AT = 2 * TinyJob.EVERY_STEPS + 20;

  private final EmbeddedCluster cluster;
  private final Workspace workspace;

  FaultsE2E(EmbeddedCluster cluster) {
    this.cluster = cluster;
    this.workspace = Workspace.create(cluster, "faults");
  }

  @BeforeAll
  void trainUndisturbed() {
    workspace.apply(TinyJob.named(UNDISTURBED)).successful();
    workspace.awaitComplete(UNDISTURBED);
  }

  @AfterAll
  void close() {
    workspace.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 0})
  void shouldGoOnWithEqualBitsAfterAWorkerIsKilled(int rank) {
    String name = "killed-" + rank;
    workspace.apply(TinyJob.named(name)).successful();
    workspace.awaitStep(name, HURT_AT);
    Map<String, String> before = PodIdentities.of(workspace, name);
    Pod victim = workspace.pod(name, rank);
    Pod survivor = workspace.pod(name, 1 - rank);
    PodProcess.of(victim).kill();

    MegalodonTrainingJob job = workspace.awaitComplete(name);
    assertEquals(1, job.getStatus().restarts());
    assertEquals(
        before.get(survivor.getMetadata().getName()),
        PodIdentities.of(workspace, name).get(survivor.getMetadata().getName()),
        "the survivor is the same pod and process");
    Pod replacement = workspace.pod(name, rank);
    assertNotEquals(victim.getMetadata().getUid(), replacement.getMetadata().getUid());
    assertEquals(
        List.of("0", "1"),
        PodIdentities.of(workspace, name).keySet().stream()
            .filter(pod -> !pod.equals(victim.getMetadata().getName()))
            .map(pod -> pod.split("-")[2])
            .sorted()
            .toList(),
        "one pod for each rank beside the one that was killed");

    List<String> epochs = workspace.steps(name).epochs();
    assertEquals(2, epochs.size(), "epochs " + epochs);
    assertTrue(
        workspace.steps(name).firstStepOf(epochs.get(1)) > 2 * TinyJob.EVERY_STEPS,
        "it goes on from where it was, not from the beginning");
    assertEqualToUndisturbed(name);
  }

  @Test
  void shouldNotNoticeThatTheOperatorIsKilled() {
    String name = "orphaned";
    workspace.apply(TinyJob.named(name)).successful();
    workspace.awaitStep(name, HURT_AT);
    Map<String, String> before = PodIdentities.of(workspace, name);
    Pod operator = OperatorDeployment.pods(cluster).getFirst();
    PodProcess.of(operator).kill();
    // Kubernetes would restart the container; a pod that is gone takes the operator away for
    // longer.
    cluster.client().resource(operator).withGracePeriod(0).delete();

    MegalodonTrainingJob job = workspace.awaitComplete(name);
    assertEquals(0, job.getStatus().restarts());
    assertEquals(before, PodIdentities.of(workspace, name), "the same pods, never restarted");
    assertEquals(1, workspace.steps(name).epochs().size());
    assertEqualToUndisturbed(name);
    Await.until(
        "another operator pod",
        Duration.ofMinutes(2),
        () ->
            OperatorDeployment.pods(cluster).stream()
                .anyMatch(
                    pod -> !pod.getMetadata().getUid().equals(operator.getMetadata().getUid())));
  }

  private void assertEqualToUndisturbed(String name) {
    assertEquals(workspace.steps(UNDISTURBED).bits(), workspace.steps(name).bits());
    assertArrayEquals(
        workspace.finalParameters(UNDISTURBED), workspace.finalParameters(name), "parameters");
  }
}
