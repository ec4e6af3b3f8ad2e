package dev.megalodon.e2e.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a person sees of a job that goes well. */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainingE2E {
  private final Workspace workspace;

  TrainingE2E(EmbeddedCluster cluster) {
    this.workspace = Workspace.create(cluster, "training");
  }

  @AfterAll
  void close() {
    workspace.close();
  }

  @Test
  void shouldTrainOnTwoNodesAndSayHowItWent() {
    workspace.apply(TinyJob.named("tiny")).successful();
    workspace.kubectl("wait", "--for=condition=Complete", "mtj/tiny", "--timeout=5m").successful();

    MegalodonTrainingJob job = workspace.job("tiny");
    var progress = Objects.requireNonNull(job.getStatus().progress());
    double before = Objects.requireNonNull(progress.initialHeldOutLoss());
    double after = Objects.requireNonNull(progress.heldOutLoss());
    assertTrue(before > 5, "about ln 256 before the first step, was " + before);
    assertTrue(after < 3, "learnt something, was " + after);
    assertEquals(400, progress.step());
    assertEquals(400, Objects.requireNonNull(job.getStatus().checkpoint()).step());
    assertEquals(2, nodes().size(), "workers are spread over nodes");
    assertEquals(400, workspace.steps("tiny").bits().size());

    assertColumns();
    assertDescription();
  }

  @Test
  void shouldLeaveNothingWhenDeletedInTheMiddle() {
    workspace.apply(TinyJob.named("gone").with(Setting.STEPS, 100_000)).successful();
    workspace.awaitStep("gone", 5);
    workspace.kubectl("delete", "mtj", "gone", "--timeout=3m").successful();
    Await.until("everything of the job to go", Duration.ofMinutes(3), () -> remains().isEmpty());
  }

  private String remains() {
    return workspace
        .kubectl(
            "get",
            "mtj,pods,services,configmaps,secrets,endpointslices,jobs",
            "-l",
            "training.megalodon.dev/job=gone",
            "-o",
            "name")
        .successful()
        .replaceAll("No resources found.*", "")
        .strip();
  }

  private Set<String> nodes() {
    return workspace.pods("tiny").values().stream()
        .map(pod -> pod.getSpec().getNodeName())
        .collect(Collectors.toSet());
  }

  private void assertColumns() {
    List<String> table = workspace.kubectl("get", "mtj").successful().lines().toList();
    assertEquals(
        List.of(
            "NAME", "PHASE", "STEP", "%", "LOSS", "TOK/S", "ETA", "RESTARTS", "CHECKPOINT", "AGE"),
        List.of(table.get(0).strip().split(" +")));
    assertTrue(
        table.get(1).matches("tiny +Complete +400/400 +100 +\\d\\.\\d+ +\\d+ +0 +400 +\\S+\\s*"),
        table.get(1));
  }

  private void assertDescription() {
    String description = workspace.kubectl("describe", "mtj", "tiny").successful();
    for (String part : List.of("AllStepsDone", "WorkersCreated", "held-out loss")) {
      assertTrue(description.contains(part), () -> part + " in: " + description);
    }
  }
}
