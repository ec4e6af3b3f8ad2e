package dev.megalodon.e2e.behaviours;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Suspension, deadlines, edits, ends. One job goes through most of it, so the order matters; the
 * others wait meanwhile for the time that must pass.
 */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LifecycleE2E {
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final String NAP = "nap";
  private static final String LATE = "late";
  private static final String THEIRS = "theirs";
  private static final String DOOMED = "doomed";
  private static final String SUSPENDED = "suspend: true";

  private final Workspace workspace;

  LifecycleE2E(EmbeddedCluster cluster) {
    this.workspace = Workspace.create(cluster, "life");
  }

  @BeforeAll
  void applyAll() {
    apply(BrokenJob.one(THEIRS).with(Setting.SPEC, "managedBy: kueue.x-k8s.io/multikueue"));
    apply(nap());
    apply(
        BrokenJob.one(LATE)
            .with(Setting.STEPS, 100_000)
            .with(Setting.SPEC, SUSPENDED + "\nactiveDeadlineSeconds: 3"));
    apply(
        BrokenJob.one(DOOMED)
            .with(Setting.MAX_RESTARTS, 1)
            .with(Setting.BACKOFF_SECONDS, 1)
            .with(Setting.WORKER, heap("4m")));
  }

  @AfterAll
  void close() {
    workspace.close();
  }

  private static TinyJob nap() {
    return BrokenJob.one(NAP).with(Setting.STEPS, 800).with(Setting.SPEC, SUSPENDED);
  }

  /** A worker whose JVM has too little memory to start: it ends with exit code 3. */
  private static String heap(String size) {
    return "template: {spec: {containers: [{name: worker, env: [{name: JAVA_TOOL_OPTIONS, value: '-Xmx%s'}]}]}}"
        .formatted(size);
  }

  @Test
  @Order(1)
  @DisplayName("7: created suspended: no pods, Suspended=True")
  void shouldMakeNoPodsForAJobThatIsCreatedSuspended() {
    awaitSuspended(NAP);
    assertEquals(Map.of(), workspace.pods(NAP));
    assertNull(status(NAP).startTime());
  }

  @Test
  @Order(2)
  @DisplayName("13: applying the same manifest again changes nothing")
  void shouldNotChangeWhenTheSameManifestIsAppliedAgain() {
    var before = workspace.job(NAP).getMetadata();
    for (int i = 0; i < 3; i++) {
      String answer = workspace.apply(nap()).successful();
      assertTrue(answer.contains("unchanged"), answer);
    }
    var after = workspace.job(NAP).getMetadata();
    assertEquals(before.getGeneration(), after.getGeneration());
    assertEquals(before.getResourceVersion(), after.getResourceVersion());
  }

  @Test
  @Order(3)
  @DisplayName("9, 10: what was edited while suspended is used after the resume, gates included")
  void shouldUseWhatWasEditedWhileSuspended() {
    workspace
        .patch(
            NAP,
            """
            {"spec": {"suspend": false, "worker": {"template": {"spec": {
              "nodeSelector": {"kubernetes.io/os": "linux"},
              "tolerations": [{"key": "e2e", "operator": "Exists"}],
              "schedulingGates": [{"name": "e2e/hold"}]}}}}}
            """)
        .successful();
    Await.until(
        "the gate to be named",
        BOUND,
        () -> workspace.show(NAP, "PodsReady", "reason").equals("SchedulingGated"));
    assertTrue(workspace.show(NAP, "Running", "message").contains("e2e/hold"));
    Pod pod = workspace.pod(NAP, 0);
    assertEquals("linux", pod.getSpec().getNodeSelector().get("kubernetes.io/os"));
    assertTrue(
        pod.getSpec().getTolerations().stream().anyMatch(each -> "e2e".equals(each.getKey())));
    assertNull(pod.getSpec().getNodeName());

    String gates = "[{\"op\": \"remove\", \"path\": \"/spec/schedulingGates\"}]";
    String name = pod.getMetadata().getName();
    workspace.kubectl("patch", "pod", name, "--type=json", "--patch=" + gates).successful();
    workspace.awaitStep(NAP, 20);
  }

  @Test
  @Order(4)
  @DisplayName("9: the same edit is refused while the job runs")
  void shouldRefuseTheEditWhileTheJobRuns() {
    var refused =
        workspace.patch(
            NAP, "{\"spec\": {\"worker\": {\"template\": {\"spec\": {\"nodeSelector\": null}}}}}");
    assertNotEquals(0, refused.status());
    assertTrue(refused.output().contains("spec.worker.template"), refused.output());
    assertTrue(refused.output().contains("suspended"), refused.output());
  }

  @Test
  @Order(5)
  @DisplayName("8: suspended while running: pods gone, counters as before; resumed, it goes on")
  void shouldSuspendWhileRunningAndGoOnWhereItWas() {
    long reached = workspace.steps(NAP).newest();
    workspace.patch(NAP, "{\"spec\": {\"suspend\": true}}").successful();
    awaitSuspended(NAP);
    assertEquals(0, workspace.pods(NAP).values().stream().filter(LifecycleE2E::isLive).count());
    assertEquals(0, Objects.requireNonNull(status(NAP).workers()).ready());
    assertNull(status(NAP).startTime());
    assertTrue(Objects.requireNonNull(status(NAP).checkpoint()).step() >= reached);
    workspace
        .patch(
            NAP,
            """
            {"spec": {"suspend": false,
                      "worker": {"template": {"spec": {"schedulingGates": null}}}}}
            """)
        .successful();
  }

  @Test
  @Order(6)
  @DisplayName("3, 4: a deadline does not run while suspended; then Failed, pods gone")
  void shouldCountTheDeadlineOnlyWhileActive() {
    Instant created = Instant.parse(workspace.job(LATE).getMetadata().getCreationTimestamp());
    Await.until(
        "more than the deadline", BOUND, () -> Instant.now().isAfter(created.plusSeconds(5)));
    awaitSuspended(LATE);
    assertEquals("", workspace.show(LATE, "Failed", "reason"));

    Instant resumed = Instant.now().minusSeconds(1);
    workspace.patch(LATE, "{\"spec\": {\"suspend\": false}}").successful();
    Condition failed = workspace.awaitFailed(LATE);
    assertEquals("DeadlineExceeded", failed.reason());
    Instant started = Instant.parse(Objects.requireNonNull(status(LATE).startTime()));
    Instant ended = Instant.parse(Objects.requireNonNull(status(LATE).completionTime()));
    assertFalse(started.isBefore(resumed), started + " is before " + resumed);
    assertFalse(ended.isBefore(started.plusSeconds(3)), started + " to " + ended);
    Await.until(
        "its pods to go",
        BOUND,
        () -> workspace.pods(LATE).values().stream().noneMatch(LifecycleE2E::isLive));
  }

  @Test
  @Order(7)
  @DisplayName("14, 15: exit code 3 is tried again, more than maxRestarts fail and stay so")
  void shouldRestartAfterExitCodeThreeUntilTheBudgetIsUsed() {
    Condition failed = workspace.awaitFailed(DOOMED);
    assertEquals("NoProgress", failed.reason());
    assertTrue(failed.message().contains("1 of 1 restarts used"), failed.message());
    MegalodonTrainingJobStatus status = status(DOOMED);
    assertEquals(1, status.restarts());
    assertEquals(
        List.of(3, 3),
        Objects.requireNonNull(status.attempts()).stream().map(loss -> loss.exitCode()).toList());
    assertEquals(2, workspace.pods(DOOMED).size(), "both are kept for their logs");
  }

  @Test
  @Order(8)
  @DisplayName("1: complete, with reason and completionTime; 7, 8: after two resumes, no restart")
  void shouldCompleteWithReasonAndTime() {
    workspace
        .kubectl("wait", "--for=condition=Complete", "mtj/" + NAP, "--timeout=5m")
        .successful();
    assertEquals("AllStepsDone", workspace.show(NAP, "Complete", "reason"));
    assertNotNull(status(NAP).completionTime());
    assertEquals(0, status(NAP).restarts());
    assertEquals(800, workspace.steps(NAP).bits().size());
  }

  @Test
  @Order(9)
  @DisplayName("12: the time to live takes the job and all it owns; 14: Failed stays Failed")
  void shouldDeleteAFinishedJobAfterItsTimeToLive() {
    String completed = status(DOOMED).completionTime();
    workspace.patch(NAP, "{\"spec\": {\"ttlSecondsAfterFinished\": 1}}").successful();
    Await.until("all of it to go", BOUND, () -> workspace.remains(NAP).isEmpty());
    assertEquals(completed, status(DOOMED).completionTime());
    assertEquals(2, workspace.pods(DOOMED).size());
  }

  @Test
  @Order(10)
  @DisplayName("12: deleted in the foreground, nothing is left when kubectl returns")
  void shouldLeaveNothingWhenDeletedInTheForeground() {
    workspace
        .kubectl("delete", "mtj", DOOMED, LATE, "--cascade=foreground", "--timeout=2m")
        .successful();
    assertEquals(List.of(), workspace.remains(DOOMED));
    assertEquals(List.of(), workspace.remains(LATE));
  }

  @Test
  @Order(11)
  @DisplayName("2: managedBy somebody else: no child, no status")
  void shouldLeaveJobsOfOthersAlone() {
    Instant created = Instant.parse(workspace.job(THEIRS).getMetadata().getCreationTimestamp());
    Await.until("15 seconds", BOUND, () -> Instant.now().isAfter(created.plusSeconds(15)));
    assertNull(workspace.job(THEIRS).getStatus());
    assertEquals(
        List.of("megalodontrainingjob.training.megalodon.dev/" + THEIRS),
        workspace.remains(THEIRS));
  }

  private void apply(TinyJob job) {
    workspace.apply(job).successful();
  }

  private MegalodonTrainingJobStatus status(String job) {
    return Objects.requireNonNull(workspace.job(job).getStatus());
  }

  private void awaitSuspended(String job) {
    workspace
        .kubectl("wait", "--for=condition=Suspended", "mtj/" + job, "--timeout=2m")
        .successful();
  }

  private static boolean isLive(Pod pod) {
    return List.of("Pending", "Running").contains(pod.getStatus().getPhase());
  }
}
