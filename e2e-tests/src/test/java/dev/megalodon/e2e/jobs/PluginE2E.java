package dev.megalodon.e2e.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code kubectl megalodon}, as kubectl finds it on the PATH, on jobs that train. */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PluginE2E {
  private static final long LONG = 100_000;
  private static final Pattern AFTER_STEP = Pattern.compile("after step ([0-9]+)\\n");

  private final EmbeddedCluster cluster;
  private final Workspace workspace;

  PluginE2E(EmbeddedCluster cluster) {
    this.cluster = cluster;
    this.workspace = Workspace.create(cluster, "plugin");
  }

  @AfterAll
  void close() {
    workspace.close();
  }

  /** The plugin in the test's namespace, found as a person's kubectl finds it. */
  private EmbeddedCluster.Answer megalodon(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add("bash");
    command.add("-c");
    command.add(
        "PATH=$PWD/trainer-worker/bin:$(e2e-tests/cluster/cluster bin):$PATH"
            + " KUBECONFIG=$PWD/.cluster/kubeconfig exec kubectl megalodon \"$@\"");
    command.add("kubectl-megalodon");
    command.addAll(List.of(arguments));
    command.addAll(List.of("--namespace", workspace.namespace()));
    return cluster.run(command.toArray(String[]::new));
  }

  @Test
  void shouldSteerAJobThroughItsLife(@TempDir Path folder) throws Exception {
    workspace.apply(TinyJob.named("steered").with(Setting.STEPS, LONG)).successful();
    workspace.awaitStep("steered", 60);

    assertView();
    assertCheckpointNow();
    assertTrue(megalodon("logs", "steered").successful().contains(" loss "), "rank 0 logs steps");
    assertEquals(0, megalodon("logs", "steered", "--rank", "1").status());
    assertTrue(megalodon("logs", "steered", "--all").successful().contains("[rank 1] "));

    Path picture = folder.resolve("loss.svg");
    megalodon("plot", "steered", "--output", picture.toString()).successful();
    assertTrue(Files.readString(picture).contains("<polyline"));

    String scaled = megalodon("scale", "steered", "1", "--wait").successful();
    assertTrue(scaled.contains("steered is training with 1 workers"), scaled);
    String suspended = megalodon("suspend", "steered", "--wait").successful();
    assertTrue(suspended.contains("steered is suspended"), suspended);
    assertEquals(0, workspace.pods("steered").size());
    String resumed = megalodon("resume", "steered", "--wait").successful();
    assertTrue(resumed.contains("steered is training"), resumed);
    assertClone();
  }

  private void assertView() {
    String table = megalodon("status").successful();
    assertTrue(table.contains("steered"), table);
    String view = megalodon("status", "steered", "--once").successful();
    assertTrue(view.startsWith("steered"), view);
    assertTrue(view.contains("2 of 2 workers ready"), view);
    assertTrue(view.contains("  loss "), view);
    System.out.println(view);
  }

  private void assertCheckpointNow() {
    String said = megalodon("checkpoint", "steered", "--wait").successful();
    Matcher step = AFTER_STEP.matcher(said);
    assertTrue(step.find(), said);
    assertTrue(said.contains("steered is saved at step " + step.group(1)), said);
    EmbeddedCluster.Answer second = megalodon("checkpoint", "steered");
    assertTrue(
        second.status() == 0 || second.output().contains("the last one was asked for less than"),
        second.output());
  }

  private void assertClone() {
    megalodon("suspend", "steered", "--wait").successful();
    long saved = Objects.requireNonNull(workspace.job("steered").getStatus().checkpoint()).step();
    megalodon("clone", "steered", "heir", "--resume", "--set", "training.steps=" + (saved + 20))
        .successful();
    MegalodonTrainingJob heir = workspace.awaitComplete("heir");
    assertEquals(saved + 20, Objects.requireNonNull(heir.getStatus().progress()).step());
    assertTrue(
        workspace.steps("heir").losses().length <= 20, "it went on where the other one stopped");
  }

  @Test
  void shouldNameTheWayOutInOneLine() {
    EmbeddedCluster.Answer gone = megalodon("status", "gone");
    assertEquals(66, gone.status(), gone.output());
    assertEquals(1, gone.output().strip().lines().count(), gone.output());
    assertTrue(gone.output().contains("\"gone\" not found"), gone.output());
  }
}
