package dev.megalodon.e2e.behaviours;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.PodIdentities;
import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pods that are taken away by hand come back under the same host name. */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplacementE2E {
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final String JOB = "pair";

  private final Workspace workspace;
  private final HostNames names;

  ReplacementE2E(EmbeddedCluster cluster) {
    this.workspace = Workspace.create(cluster, "replaced");
    this.names = new HostNames(cluster);
  }

  @AfterAll
  void close() {
    workspace.close();
  }

  @Test
  @DisplayName("11, 16: deleted and evicted pods are replaced, names follow, the job succeeds")
  void shouldReplaceADeletedAndAnEvictedPodUnderTheirHostName() {
    workspace.apply(TinyJob.named(JOB).with(Setting.STEPS, 600)).successful();
    workspace.awaitStep(JOB, 20);
    awaitNames();
    String survivor = PodIdentities.of(workspace.pod(JOB, 0));

    Pod deleted = workspace.pod(JOB, 1);
    workspace.kubectl("delete", "pod", name(deleted), "--wait=false").successful();
    awaitReplaced(deleted);
    awaitNames();

    Pod evicted = workspace.pod(JOB, 1);
    evict(evicted);
    awaitReplaced(evicted);
    awaitNames();

    MegalodonTrainingJob job = workspace.awaitComplete(JOB);
    assertEquals(0, job.getStatus().restarts(), "neither is charged");
    assertEquals(
        List.of("Deleted", "Evicted"),
        Objects.requireNonNull(job.getStatus().attempts()).stream()
            .map(AttemptStatus::cause)
            .toList());
    assertEquals(survivor, PodIdentities.of(workspace.pod(JOB, 0)), "rank 0 noticed nothing");
  }

  /** As {@code kubectl drain} does it for each pod of a node. */
  private void evict(Pod pod) {
    String eviction =
        """
        {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "%s"}}
        """
            .formatted(name(pod));
    String path =
        "/api/v1/namespaces/%s/pods/%s/eviction".formatted(workspace.namespace(), name(pod));
    workspace.kubectlWithInput(eviction, "create", "--raw", path, "-f", "-").successful();
  }

  private void awaitReplaced(Pod gone) {
    Await.until(
        "another pod of rank 1, ready",
        BOUND,
        () ->
            workspace
                .findPod(JOB, 1)
                .filter(now -> !name(now).equals(name(gone)))
                .filter(ReplacementE2E::isReady)
                .isPresent());
    long step = workspace.steps(JOB).newest();
    workspace.awaitStep(JOB, step + 5);
  }

  private void awaitNames() {
    for (int rank = 0; rank < 2; rank++) {
      int which = rank;
      Await.until(
          "the name of rank %d to lead to its pod".formatted(rank),
          BOUND,
          () ->
              names
                  .resolve(workspace.namespace(), JOB, which)
                  .equals(Optional.ofNullable(workspace.pod(JOB, which).getStatus().getPodIP())));
    }
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .anyMatch(each -> each.getType().equals("Ready") && each.getStatus().equals("True"));
  }

  private static String name(Pod pod) {
    return pod.getMetadata().getName();
  }
}
