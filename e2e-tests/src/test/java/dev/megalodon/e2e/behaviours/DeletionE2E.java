package dev.megalodon.e2e.behaviours;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A job can be deleted whatever it is doing. Complete jobs are deleted in {@link LifecycleE2E}. */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeletionE2E {
  private static final Duration BOUND = Duration.ofMinutes(3);

  private final Workspace workspace;

  DeletionE2E(EmbeddedCluster cluster) {
    this.workspace = Workspace.create(cluster, "gone");
  }

  @AfterAll
  void close() {
    workspace.close();
  }

  /** Jobs by the phase that they stay in. */
  private static Map<String, TinyJob> byPhase() {
    Map<String, TinyJob> jobs = new LinkedHashMap<>();
    jobs.put(
        "Pending",
        BrokenJob.one("pending").with(Setting.SPEC, "scheduling: {priorityClassName: no-such}"));
    jobs.put(
        "Starting",
        BrokenJob.one("starting")
            .with(Setting.WORKER, "template: {spec: {nodeSelector: {not: there}}}"));
    jobs.put("Running", BrokenJob.one("running").with(Setting.STEPS, 100_000));
    jobs.put(
        "Restarting",
        BrokenJob.one("restarting")
            .with(
                Setting.WORKER,
                "template: {spec: {containers: [{name: worker, env: [{name: JAVA_TOOL_OPTIONS, value: '-XX:NoSuchOption'}]}]}}"));
    jobs.put("Suspended", BrokenJob.one("suspended").with(Setting.SPEC, "suspend: true"));
    jobs.put("Failed", BrokenJob.one("failed").with(Setting.PATH, "not/there"));
    return jobs;
  }

  @Test
  @DisplayName("extra: deleted in every phase, nothing is left")
  void shouldLeaveNothingWhateverThePhase() {
    Map<String, TinyJob> jobs = byPhase();
    jobs.values().forEach(job -> workspace.apply(job).successful());
    jobs.forEach(
        (phase, job) ->
            Await.until(
                job.name() + " to be " + phase, BOUND, () -> phase(job.name()).equals(phase)));
    workspace.kubectl("delete", "mtj", "--all", "--timeout=2m").successful();
    for (TinyJob job : jobs.values()) {
      Await.until(
          "all of " + job.name() + " to go", BOUND, () -> workspace.remains(job.name()).isEmpty());
    }
    assertEquals(0, workspace.list("mtj").count());
  }

  private String phase(String job) {
    return workspace.kubectl("get", "mtj", job, "-o", "jsonpath={.status.phase}").successful();
  }
}
