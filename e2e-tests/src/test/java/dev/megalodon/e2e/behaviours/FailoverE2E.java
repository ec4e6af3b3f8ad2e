package dev.megalodon.e2e.behaviours;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.OperatorDeployment;
import dev.megalodon.e2e.cluster.PodProcess;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.PodIdentities;
import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** The operator can be lost at any time; another takes over and knows what there is to know. */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailoverE2E {
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final String JOB = "watched";
  private static final String OVER = "over";

  private final EmbeddedCluster cluster;
  private final Workspace workspace;

  FailoverE2E(EmbeddedCluster cluster) {
    this.cluster = cluster;
    this.workspace = Workspace.create(cluster, "failover");
  }

  @BeforeAll
  void startStandby() {
    workspace.apply(TinyJob.named(JOB).with(Setting.STEPS, 800)).successful();
    workspace.apply(BrokenJob.one(OVER).with(Setting.PATH, "not/there")).successful();
    OperatorDeployment.scale(cluster, 2);
    workspace.awaitFailed(OVER);
  }

  @AfterAll
  void close() {
    OperatorDeployment.scale(cluster, 1);
    workspace.close();
  }

  @Test
  @DisplayName("19: leader killed: standby takes over, no pod is made again, failures are handled")
  void shouldHandFailuresToTheStandbyAndCatchUpAfterAnOutage() {
    workspace.awaitStep(JOB, 20);
    String over = Objects.requireNonNull(workspace.job(OVER).getStatus().completionTime());
    Map<String, String> before = PodIdentities.of(workspace, JOB);
    Pod leader = OperatorDeployment.leader(cluster);
    PodProcess.of(leader).kill();
    cluster.client().resource(leader).withGracePeriod(0).delete();
    Await.until("another leader", BOUND, () -> !isSame(OperatorDeployment.leader(cluster), leader));
    assertEquals(before, PodIdentities.of(workspace, JOB), "the same pods, never restarted");

    killRankOne();
    awaitRestarts(1);

    OperatorDeployment.stop(cluster);
    killRankOne();
    OperatorDeployment.start(cluster);
    awaitRestarts(2);

    MegalodonTrainingJob job = workspace.awaitComplete(JOB);
    assertEquals(
        List.of("WorkerFailed", "WorkerFailed"),
        Objects.requireNonNull(job.getStatus().attempts()).stream()
            .map(AttemptStatus::cause)
            .toList());
    assertEquals(2, job.getStatus().restarts());
    assertEquals(over, workspace.job(OVER).getStatus().completionTime(), "Failed stays Failed");
    assertEquals(1, workspace.pods(OVER).size(), "and nothing is tried again");
  }

  private void killRankOne() {
    PodProcess.of(workspace.pod(JOB, 1)).kill();
  }

  private void awaitRestarts(int number) {
    Await.until(
        number + " restarts",
        BOUND,
        () -> Objects.requireNonNull(workspace.job(JOB).getStatus().restarts()) == number);
    long step = workspace.steps(JOB).newest();
    workspace.awaitStep(JOB, step + 5);
  }

  private static boolean isSame(Pod one, Pod other) {
    return one.getMetadata().getUid().equals(other.getMetadata().getUid());
  }
}
