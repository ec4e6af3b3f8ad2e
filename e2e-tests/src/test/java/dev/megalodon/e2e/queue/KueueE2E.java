package dev.megalodon.e2e.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.PodProcess;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Jobs in a queue of the real Kueue, which was told nothing of them. The queue has room for one.
 */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KueueE2E {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int LONG = 4000;

  private final EmbeddedCluster cluster;
  private final Workspace workspace;
  private Optional<TeamQueue> opened = Optional.empty();

  KueueE2E(EmbeddedCluster cluster) {
    this.cluster = cluster;
    this.workspace = Workspace.create(cluster, "queue");
  }

  @BeforeAll
  void open() {
    opened = Optional.of(TeamQueue.open(cluster, workspace));
  }

  /** What a failed test leaves would keep the quota from the next. */
  @AfterEach
  void empty() {
    workspace.kubectl("delete", "mtj", "--all", "--timeout=1m");
  }

  @AfterAll
  void close() {
    opened.ifPresent(TeamQueue::close);
    workspace.close();
  }

  @Test
  void shouldWaitInTheQueueWhileOneFailedWorkerOfTheFirstJobIsReplaced() {
    workspace.apply(queued("first", "").with(Setting.STEPS, 800)).successful();
    workspace.awaitStep("first", TinyJob.EVERY_STEPS);
    workspace.apply(queued("second", "").with(Setting.STEPS, 50)).successful();
    awaitWaiting("second");
    Workload before = queue().workload("first");
    Pod survivor = workspace.pod("first", 0);
    Pod victim = workspace.pod("first", 1);
    PodProcess.of(victim).kill();

    Pod replacement =
        Await.until(
            "a replacement that runs",
            PATIENCE,
            () ->
                workspace
                    .findPod("first", 1)
                    .filter(pod -> !uid(pod).equals(uid(victim)))
                    .filter(pod -> pod.getStatus().getPhase().equals("Running")));
    assertEquals(group(survivor), group(replacement));
    assertEquals(uid(survivor), uid(workspace.pod("first", 0)));
    Workload after = queue().workload("first");
    assertEquals(before.uid(), after.uid());
    assertEquals(
        before.conditions().get("QuotaReserved"),
        after.conditions().get("QuotaReserved"),
        "the quota was kept all the time");
    assertWaiting("second");

    MegalodonTrainingJob first = workspace.awaitComplete("first");
    assertEquals(1, first.getStatus().restarts());
    workspace.awaitComplete("second");
    queue().awaitUnused();
  }

  @Test
  void shouldMakeRoomForAMoreUrgentJobAndGoOnFromItsCheckpoint() {
    workspace.apply(queued("humble", "").with(Setting.STEPS, 800)).successful();
    workspace.awaitStep("humble", TinyJob.EVERY_STEPS + 20);
    workspace.apply(queued("urgent", TeamQueue.URGENT).with(Setting.STEPS, 50)).successful();
    awaitWaiting("humble");
    assertNull(workspace.job("humble").getStatus().startTime(), "no deadline runs");
    long reached = workspace.steps("humble").newest();
    workspace.awaitComplete("urgent");

    MegalodonTrainingJobStatus humble = workspace.awaitComplete("humble").getStatus();
    assertEquals(0, humble.restarts());
    List<AttemptStatus> attempts = Objects.requireNonNull(humble.attempts());
    assertEquals(
        List.of("Preempted"), attempts.stream().map(AttemptStatus::cause).distinct().toList());
    assertTrue(
        Objects.requireNonNull(attempts.getFirst().message()).contains("reempted"),
        attempts::toString);
    List<String> epochs = workspace.steps("humble").epochs();
    assertEquals(2, epochs.size(), "epochs " + epochs);
    assertEquals(
        reached + 1, workspace.steps("humble").firstStepOf(epochs.get(1)), "nothing is lost");
    queue().awaitUnused();
  }

  @Test
  void shouldGiveItsQuotaBackWhileSuspendedAndWhenDeleted() {
    workspace.apply(queued("resting", "").with(Setting.STEPS, LONG)).successful();
    workspace.awaitStep("resting", 20);
    Workload before = queue().workload("resting");
    suspend("resting", true);
    Await.until(
        "resting to rest", PATIENCE, () -> workspace.condition("resting", "Suspended").isPresent());
    queue().awaitUnused();
    Await.until("its pods to go", PATIENCE, () -> workspace.pods("resting").isEmpty());

    suspend("resting", false);
    Workload again = queue().workload("resting");
    assertNotEquals(before.name(), again.name(), "a group that ended cannot be joined again");
    long reached = workspace.steps("resting").newest();
    workspace.awaitStep("resting", reached + 20);

    workspace.apply(queued("behind", "").with(Setting.STEPS, LONG)).successful();
    awaitWaiting("behind");
    workspace.delete("behind");
    queue().awaitForgotten("behind");
    assertTrue(queue().workload("resting").holds("QuotaReserved"));
    workspace.delete("resting");
    queue().awaitForgotten("resting");
    queue().awaitUnused();
    Await.until("its pods to go", PATIENCE, () -> workspace.pods("resting").isEmpty());
  }

  private TeamQueue queue() {
    return opened.orElseThrow();
  }

  private static TinyJob queued(String name, String priorityClass) {
    String priority = priorityClass.isEmpty() ? "" : ", priorityClassName: " + priorityClass;
    return TinyJob.named(name)
        .with(Setting.SCHEDULING, "{queueName: %s%s}".formatted(TeamQueue.NAME, priority));
  }

  private void awaitWaiting(String job) {
    Await.until(
        job + " to say that it waits",
        PATIENCE,
        () -> podsReady(job).filter(now -> now.reason().equals("WaitingForQueue")).isPresent());
    // The new pods of a preempted group may wait before its Workload says that it is out.
    Await.until(
        "Kueue to say so of " + job, PATIENCE, () -> !queue().workload(job).holds("Admitted"));
    assertWaiting(job);
  }

  private void assertWaiting(String job) {
    Condition why = podsReady(job).orElseThrow();
    assertEquals("WaitingForQueue", why.reason(), why.message());
    assertTrue(
        why.message().contains("admission by Kueue is pending in queue " + TeamQueue.NAME),
        why.message());
    assertFalse(queue().workload(job).holds("Admitted"));
  }

  private Optional<Condition> podsReady(String job) {
    return Optional.ofNullable(workspace.job(job).getStatus())
        .map(MegalodonTrainingJobStatus::conditions)
        .stream()
        .flatMap(List::stream)
        .filter(condition -> condition.type().equals("PodsReady"))
        .findFirst();
  }

  private void suspend(String job, boolean suspend) {
    workspace
        .kubectl(
            "patch",
            "mtj",
            job,
            "--type=merge",
            "-p",
            "{\"spec\":{\"suspend\":%s}}".formatted(suspend))
        .successful();
  }

  private static String uid(Pod pod) {
    return pod.getMetadata().getUid();
  }

  private static String group(Pod pod) {
    return Objects.requireNonNull(
        pod.getMetadata().getLabels().get("kueue.x-k8s.io/pod-group-name"));
  }
}
