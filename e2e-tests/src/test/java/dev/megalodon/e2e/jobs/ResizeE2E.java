package dev.megalodon.e2e.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A running job is given other numbers of workers, and learns what it would have learnt. */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ResizeE2E {
  private static final int STEPS = 300;
  private static final int BATCH = 6;
  private static final int SEQUENCE_LENGTH = 128;

  /** Other ranks sum in another order; 300 steps make more of it than one. */
  private static final double LOSS_TOLERANCE = 2e-3;

  private final EmbeddedCluster cluster;
  private final Workspace workspace;

  ResizeE2E(EmbeddedCluster cluster) {
    this.cluster = cluster;
    this.workspace = Workspace.create(cluster, "resize");
  }

  @AfterAll
  void close() {
    workspace.close();
  }

  @Test
  void shouldGoOnInEveryNumberOfWorkersWithTheSameBatch() {
    apply("steady");
    workspace.awaitComplete("steady");

    apply("elastic");
    workspace.awaitStep("elastic", 60);
    scale("elastic", 3);
    Await.until("three ranks", Workspace.TRAINING, () -> worldSize("elastic") == 3);
    workspace.awaitStep("elastic", workspace.steps("elastic").newest() + 40);
    scale("elastic", 1);
    MegalodonTrainingJob job = workspace.awaitComplete("elastic");

    assertEquals(
        List.of("Resized", "Resized"),
        Objects.requireNonNull(job.getStatus().attempts()).stream()
            .map(AttemptStatus::cause)
            .toList());
    assertEquals(0, job.getStatus().restarts());
    assertEquals(
        (long) STEPS * BATCH * SEQUENCE_LENGTH,
        Objects.requireNonNull(job.getStatus().progress()).tokens());
    StepRecords steps = workspace.steps("elastic");
    assertEquals(0, steps.madeAgain(), "each step is made once");
    assertEquals(3, steps.epochs().size(), "one epoch for each number: " + steps.epochs());
    assertClose(workspace.steps("steady").losses(), steps.losses());
  }

  @Test
  void shouldTrainOnWhileThereIsNoRoomForMore() {
    apply("crowded");
    workspace.awaitStep("crowded", 5);
    cluster
        .kubectlWithInput(
            """
            apiVersion: v1
            kind: ResourceQuota
            metadata: {name: full, namespace: %s}
            spec: {hard: {pods: "2"}}
            """
                .formatted(workspace.namespace()),
            "apply",
            "-f",
            "-")
        .successful();
    scale("crowded", 3);
    Condition blocked =
        Await.until(
            "the reason",
            Workspace.TRAINING,
            () ->
                workspace
                    .condition("crowded", "Resizing")
                    .filter(condition -> condition.reason().equals("ResizeBlocked")));
    assertTrue(blocked.message().contains("quota"), blocked::message);
    assertTrue(workspace.condition("crowded", "Running").isPresent(), "it trains on");
    scale("crowded", 2);
    Await.until(
        "the end of it",
        Workspace.TRAINING,
        () -> workspace.condition("crowded", "Resizing").isEmpty());
    workspace.kubectl("delete", "resourcequota", "full").successful();
    MegalodonTrainingJob job = workspace.awaitComplete("crowded");
    assertEquals(1, workspace.steps("crowded").epochs().size(), "nobody was interrupted");
    assertEquals(0, job.getStatus().restarts());
  }

  private void apply(String name) {
    TinyJob job =
        TinyJob.named(name)
            .with(Setting.STEPS, STEPS)
            .with(Setting.BATCH, BATCH)
            .with(Setting.SEQUENCE_LENGTH, SEQUENCE_LENGTH);
    workspace.apply(job).successful();
  }

  private void scale(String name, int workers) {
    workspace.kubectl("scale", "mtj/" + name, "--replicas=" + workers).successful();
  }

  private int worldSize(String name) {
    return Objects.requireNonNullElse(workspace.job(name).getStatus().worldSize(), 0);
  }

  private static void assertClose(double[] expected, double[] actual) {
    assertEquals(expected.length, actual.length, "steps");
    double distance = 0;
    for (int step = 0; step < expected.length; step++) {
      distance = Math.max(distance, Math.abs(actual[step] - expected[step]));
    }
    System.out.printf("resized: losses differ by at most %.1e%n", distance);
    assertTrue(distance <= LOSS_TOLERANCE, "losses differ by " + distance);
  }
}
