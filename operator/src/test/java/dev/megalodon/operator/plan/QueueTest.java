package dev.megalodon.operator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.testing.SimulatedKueue;
import dev.megalodon.operator.testing.TestPods;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A job of two workers in a Kueue queue. */
class QueueTest extends PlannerScenario {
  private static final String FIRST = "story-00000000-1";

  private final SimulatedKueue kueue = new SimulatedKueue(cluster);

  @BeforeEach
  void queue() {
    edit("scheduling", Map.of("queueName", "team", "gang", "none"));
  }

  @Test
  void shouldMakeAllWorkersOneGroupAndSayThatTheyWait() {
    kueue.hasQuota = false;
    Plan plan = pass();
    Optional<String> group = Optional.of(FIRST);
    assertEquals(
        List.of(new Plan.CreatePod(0, 1, 2, group), new Plan.CreatePod(1, 2, 2, group)),
        plan.create());
    assertEquals(Optional.of(cluster.now), plan.wakeAt(), "nothing else tells that they wait");
    round();
    assertHoldsNot("PodsReady", "WaitingForQueue");
    assertTrue(condition("PodsReady").message().contains("queue team"), status().toString());
    assertEquals(JobPhase.PENDING, status().phase());
  }

  @Test
  void shouldCountNoTimeInTheQueueTowardsADeadline() {
    edit("activeDeadlineSeconds", 100);
    edit("startDeadlineSeconds", 50);
    kueue.hasQuota = false;
    round();
    after(1000);
    round();
    assertNull(status().startTime());
    kueue.hasQuota = true;
    round();
    assertEquals("2026-01-01T00:16:40Z", status().startTime());
    after(50);
    round();
    assertHolds("Failed", "StartDeadlineExceeded");
  }

  @Test
  void shouldReplaceOneFailedWorkerInTheGroupOfTheOthers() {
    training();
    cluster.put(new TestPods(pod(1)).ended(137, "Error", "", cluster.now).pod());
    rounds();
    assertEquals(FIRST, pod(1).membership().orElseThrow().group());
    assertEquals(3, pod(1).incarnation());
    assertEquals(1, pod(0).incarnation(), "the survivor stays");
    assertEquals(Set.of(FIRST), kueue.admitted(), "and keeps its quota");
    assertFalse(pod(1).isQueued(), "the new one is admitted at once");
  }

  @Test
  void shouldDeclareALostPodDeadBeforeItIsReplaced() {
    training();
    cluster.put(new TestPods(pod(1)).unreachable(cluster.now).pod());
    after(20);
    Plan plan = pass();
    assertEquals(List.of(), plan.create(), "Kueue would end it as one too many");
    assertEquals(
        List.of(new Action.RemoveLostPod("story-1-2", "node node-1 does not answer")), plan.then());
    rounds();
    assertEquals(3, pod(1).incarnation());
    assertEquals(Set.of(FIRST), kueue.admitted());
    assertTrue(cluster.pods().stream().noneMatch(pod -> pod.name().equals("story-1-2")));
  }

  @Test
  void shouldGoBackToTheQueueWhenPreempted() {
    training();
    kueue.preempt();
    after(1);
    pass();
    assertEquals("Preempted", lastAttempt().cause());
    leave();
    rounds();
    after(3600);
    rounds();
    assertEquals(0, status().restarts());
    assertNull(status().startTime(), "no deadline runs");
    assertHoldsNot("PodsReady", "WaitingForQueue");
    assertEquals(2, cluster.pods().size(), "the dead are gone: they were replaced");
    assertEquals(FIRST, pod(0).membership().orElseThrow().group(), "its place in the queue stays");
    kueue.hasQuota = true;
    rounds();
    assertTrue(status().startTime() != null);
    assertEquals(JobPhase.RESTARTING, status().phase());
  }

  @Test
  void shouldEndItsGroupWhenSuspendedAndBeginAnotherWhenResumed() {
    training();
    edit("suspend", true);
    rounds();
    leave();
    rounds();
    assertEquals(Set.of(FIRST), kueue.finished());
    assertEquals(Set.of(), kueue.admitted());
    assertEquals(List.of(), cluster.pods());
    assertHolds("Suspended", "Suspended");
    edit("suspend", false);
    rounds();
    assertEquals(Set.of("story-00000000-3"), kueue.admitted());
  }

  @Test
  void shouldLeaveTheQueueWhenSuspendedInIt() {
    kueue.hasQuota = false;
    rounds();
    edit("suspend", true);
    rounds();
    assertEquals(List.of(), cluster.pods());
    assertEquals(Set.of(FIRST), kueue.finished());
  }

  @Test
  void shouldEndItsGroupWhenItFails() {
    training();
    cluster.put(new TestPods(pod(1)).ended(65, "Error", "no such text", cluster.now).pod());
    rounds();
    assertHolds("Failed", "BadData");
    leave();
    rounds();
    assertEquals(Set.of(FIRST), kueue.finished());
    assertEquals(
        List.of("story-1-2"),
        cluster.pods().stream().map(WorkerPod::name).toList(),
        "kept for its log, and by nobody else");
  }

  @Test
  void shouldWriteNothingToAGroupWhoseWorkersAllSucceeded() {
    training();
    cluster.put(new TestPods(pod(0)).ended(0, "Completed", "", cluster.now).pod());
    cluster.put(new TestPods(pod(1)).ended(0, "Completed", "", cluster.now).pod());
    pass();
    assertHolds("Complete", "AllStepsDone");
    assertEquals(List.of(), pass().then());
    kueue.look();
    assertEquals(Set.of(FIRST), kueue.finished());
  }

  @Test
  void shouldBeginAnewTogetherWhenAWorkerThatSucceededHasToComeBack() {
    edit("parallelism.workers", 3);
    training();
    cluster.put(new TestPods(pod(1)).ended(0, "Completed", "", cluster.now).pod());
    cluster.put(new TestPods(pod(0)).ended(1, "Error", "", cluster.now).pod());
    rounds();
    leave();
    rounds();
    assertEquals(1, kueue.admitted().size());
    assertEquals(Set.of(FIRST), kueue.finished());
    assertEquals(3, cluster.pods().stream().filter(pod -> pod.isLive()).count());
  }

  @Test
  void shouldLetGoOfItsPodsWhenItIsDeletedWithItsDependents() {
    training();
    cluster.jobDeleted = true;
    assertEquals(
        List.of(
            new Action.EndGroup("story-0-1", "no pod joins it any more"),
            new Action.EndGroup("story-1-2", "no pod joins it any more")),
        pass().then());
  }

  /** One pass, and what Kueue makes of it. */
  private void round() {
    pass();
    kueue.look();
    pass();
  }

  private void rounds() {
    for (int i = 0; i < 5; i++) {
      after(2);
      round();
    }
  }

  private void training() {
    round();
    int workers = cluster.spec().parallelism().workers();
    for (int rank = 0; rank < workers; rank++) {
      WorkerPod admitted = pod(rank);
      assertFalse(admitted.isQueued());
      cluster.put(
          ready(rank, admitted.incarnation()).member(admitted.membership().orElseThrow()).pod());
    }
    after(1);
    cluster.progress(progress(0, 1, 120));
    pass();
    assertEquals(JobPhase.RUNNING, status().phase());
    after(60);
  }

  /** Every worker that was asked to leave has left. */
  private void leave() {
    cluster.pods().stream()
        .filter(pod -> pod.isDeleting() && pod.life() == WorkerPod.Life.RUNNING)
        .forEach(pod -> cluster.put(new TestPods(pod).ended(75, "Error", "", cluster.now).pod()));
  }

  /** The newest pod of a rank. */
  private WorkerPod pod(int rank) {
    return cluster.pods().stream()
        .filter(pod -> pod.rank() == rank)
        .reduce((one, other) -> one.incarnation() > other.incarnation() ? one : other)
        .orElseThrow();
  }
}
