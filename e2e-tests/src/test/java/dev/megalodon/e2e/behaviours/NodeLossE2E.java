package dev.megalodon.e2e.behaviours;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.OperatorDeployment;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A node whose kubelet is gone takes neither the job nor its deletion with it. */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NodeLossE2E {
  private static final Duration BOUND = Duration.ofMinutes(3);
  private static final String JOB = "moved";

  private final EmbeddedCluster cluster;
  private final Workspace workspace;

  NodeLossE2E(EmbeddedCluster cluster) {
    this.cluster = cluster;
    this.workspace = Workspace.create(cluster, "node");
  }

  @AfterAll
  void close() {
    workspace.close();
  }

  @Test
  @DisplayName("20: kubelet stopped: the job goes on elsewhere, and can be deleted meanwhile")
  void shouldGoOnElsewhereAndBeDeletedWhileTheKubeletIsGone() {
    workspace.apply(TinyJob.named(JOB).with(Setting.STEPS, 100_000)).successful();
    workspace.awaitStep(JOB, 20);
    int rank = rankAwayFromTheOperator();
    Pod lost = workspace.pod(JOB, rank);
    String node = lost.getSpec().getNodeName();
    cluster.fault("kubelet-stop", node).successful();
    try {
      Await.until("the loss to be booked", BOUND, () -> lastCause().equals("NodeLost"));
      Pod replacement =
          Await.until(
              "rank %d on another node".formatted(rank),
              BOUND,
              () ->
                  workspace.pods(JOB).values().stream()
                      .filter(pod -> pod.getMetadata().getName().startsWith(JOB + "-" + rank))
                      .filter(pod -> pod.getSpec().getNodeName() != null)
                      .filter(pod -> !isSame(pod, lost))
                      .findFirst());
      assertNotEquals(node, replacement.getSpec().getNodeName());
      long step = workspace.steps(JOB).newest();
      workspace.awaitStep(JOB, step + 20);
      assertEquals(0, workspace.job(JOB).getStatus().restarts(), "not charged");

      workspace.kubectl("delete", "mtj", JOB, "--cascade=foreground", "--timeout=2m").successful();
      assertEquals(List.of(), workspace.remains(JOB));
    } finally {
      cluster.fault("kubelet-start", node).successful();
      cluster.kubectl("wait", "--for=condition=Ready", "node/" + node, "--timeout=2m").successful();
    }
  }

  private int rankAwayFromTheOperator() {
    List<String> operators =
        OperatorDeployment.pods(cluster).stream().map(pod -> pod.getSpec().getNodeName()).toList();
    return IntStream.range(0, 2)
        .filter(rank -> !operators.contains(workspace.pod(JOB, rank).getSpec().getNodeName()))
        .findFirst()
        .orElseThrow();
  }

  private String lastCause() {
    var attempts = workspace.job(JOB).getStatus().attempts();
    return attempts == null || attempts.isEmpty()
        ? ""
        : Objects.requireNonNull(attempts.getLast()).cause();
  }

  private static boolean isSame(Pod one, Pod other) {
    return one.getMetadata().getUid().equals(other.getMetadata().getUid());
  }
}
