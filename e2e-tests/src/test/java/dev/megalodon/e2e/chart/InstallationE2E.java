package dev.megalodon.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** An installation's life, with a job that trains through all of it. */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InstallationE2E {
  /** Longer than an upgrade and a rollback take; both slow down with the machine. */
  private static final Duration TRAINING = Duration.ofSeconds(120);

  private static final Duration TO_THE_END = Duration.ofMinutes(10);
  private static final String JOB = "through";
  private static final String CRD = "crd/megalodontrainingjobs.training.megalodon.dev";

  private final EmbeddedCluster cluster;
  private final Workspace workspace;
  private final TeamRelease release;

  InstallationE2E(EmbeddedCluster cluster) {
    this.cluster = cluster;
    this.workspace = Workspace.create(cluster, "installation");
    TeamRelease.restrict(cluster, workspace.namespace());
    this.release = TeamRelease.prepare(cluster, workspace.namespace() + "-operator");
  }

  @AfterAll
  void close() {
    try {
      release.close();
    } finally {
      workspace.close();
    }
  }

  @Test
  void shouldTrainThroughUpgradeRollbackAndUninstallation() {
    release.install(
        workspace.namespace(), "--set=networkPolicy.enabled=true,networkPolicy.jobs.enabled=true");
    assertNothingOutsideNamespaces();
    String told = release.helm("test");
    assertTrue(told.matches("(?s).*Phase: *Succeeded.*"), told);

    workspace.apply(TinyJob.named(JOB).with(Setting.STEPS, stepsOfTheTraining())).successful();
    workspace.awaitStep(JOB, 20);
    Map<String, String> pods = uids();
    assertEquals(2, pods.size());
    workspace.kubectl("get", "networkpolicy", JOB + "-workers").successful();

    release.upgrade("--reuse-values", "--set=replicas=2,logLevel=DEBUG");
    release.kubectl("get", "poddisruptionbudget", "megalodon-operator");
    assertTrue(operatorLevel().contains("DEBUG"), operatorLevel());
    assertEquals(pods, uids());

    release.helm("rollback", "1", "--wait");
    assertTrue(operatorLevel().contains("INFO"), operatorLevel());
    assertEquals(pods, uids());
    assertFalse(isOver(), "the training was too short to see the rollback");

    release.helm("uninstall", "--wait");
    cluster.kubectl("get", CRD).successful();
    awaitPodsDone();
    assertEquals(pods, uids());
    assertEquals(0, restarts());

    release.install(workspace.namespace());
    workspace.awaitComplete(JOB);
    assertEquals(0, restarts());
  }

  /** A short training tells how fast this machine is just now. */
  private long stepsOfTheTraining() {
    workspace.apply(TinyJob.named("pace").with(Setting.STEPS, 100)).successful();
    workspace.awaitComplete("pace");
    Duration step = workspace.steps("pace").usualStep();
    workspace.delete("pace");
    return Math.clamp(TRAINING.toNanos() / Math.max(1, step.toNanos()), 400, 50_000);
  }

  private void assertNothingOutsideNamespaces() {
    String roles =
        cluster
            .kubectl(
                "get",
                "clusterroles,clusterrolebindings,customresourcedefinitions",
                "--selector=app.kubernetes.io/instance=" + TeamRelease.NAME,
                "--output=name")
            .successful();
    assertTrue(roles.replaceAll("No resources found.*", "").isBlank(), roles);
  }

  private Map<String, String> uids() {
    Map<String, String> uids = new TreeMap<>();
    workspace.pods(JOB).forEach((name, pod) -> uids.put(name, pod.getMetadata().getUid()));
    return uids;
  }

  private String operatorLevel() {
    return release.kubectl(
        "get",
        "deployment/megalodon-operator",
        "--output=jsonpath={.spec.template.spec.containers[0].env"
            + "[?(@.name==\"QUARKUS_LOG_LEVEL\")].value}");
  }

  private boolean isOver() {
    return workspace.pod(JOB, 0).getStatus().getPhase().equals("Succeeded");
  }

  private void awaitPodsDone() {
    Await.until(
        "both workers to end by themselves",
        TO_THE_END,
        () ->
            workspace.pods(JOB).values().stream()
                .allMatch(pod -> pod.getStatus().getPhase().equals("Succeeded")));
  }

  private int restarts() {
    Integer restarts = workspace.job(JOB).getStatus().restarts();
    return restarts == null ? 0 : restarts;
  }
}
