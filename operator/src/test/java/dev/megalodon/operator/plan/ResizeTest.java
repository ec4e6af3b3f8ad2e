package dev.megalodon.operator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.testing.TestPods;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Two workers become four, or one. */
class ResizeTest extends PlannerScenario {
  @Test
  void shouldStartAddedWorkersBesideThoseThatTrain() {
    growing();
    assertHolds("Running", "Training");
    assertHolds("PodsReady", "AllReady");
    assertHolds("Resizing", "WaitingForWorkers");
    assertEquals(2, status().worldSize());
    assertEquals(2, Objects.requireNonNull(status().workers()).desired());
    assertTrue(cluster.pods().stream().noneMatch(WorkerPod::isDeleting));
  }

  @Test
  void shouldSwitchInOneWriteOnceAllAddedWorkersAreReady() {
    growing();
    cluster.put(ready(2, 3).pod());
    pass();
    assertHolds("Resizing", "WaitingForWorkers");
    cluster.put(ready(3, 4).pod());
    int writes = cluster.statusWrites;
    pass();
    assertEquals(writes + 1, cluster.statusWrites);
    assertEquals(4, status().worldSize());
    assertEquals(List.of(5L, 6L, 3L, 4L), incarnations());
    assertEquals("Resized", lastAttempt().cause());
    assertFalse(lastAttempt().charged());
    assertTrue(pod(0, 1).isDeleting() && pod(1, 2).isDeleting(), "the old ones save and leave");
    assertFalse(pod(2, 3).isDeleting() || pod(3, 4).isDeleting());
  }

  @Test
  void shouldGoOnInTheNewNumber() {
    growing();
    cluster.put(ready(2, 3).pod());
    cluster.put(ready(3, 4).pod());
    pass();
    cluster.vanish("story-0-1");
    assertEquals(List.of(new Plan.CreatePod(0, 5, 4)), pass().create(), "1 has yet to leave");
    cluster.vanish("story-1-2");
    assertEquals(List.of(new Plan.CreatePod(1, 6, 4)), pass().create());
    after(5);
    cluster.put(ready(0, 5).pod());
    cluster.put(ready(1, 6).pod());
    after(1);
    cluster.progress(progress(0, 5, 130));
    pass();
    assertEquals(JobPhase.RUNNING, status().phase());
    assertHoldsNot("Resizing", "Resized");
    assertEquals(0, status().restarts());
    assertEquals(4, Objects.requireNonNull(status().workers()).desired());
  }

  @Test
  void shouldTrainOnWhileAddedWorkersFindNoPlace() {
    growing();
    cluster.put(TestPods.pending(3, 4).blocked("Unschedulable", "no node has room").pod());
    pass();
    assertHolds("Resizing", "ResizeBlocked");
    assertTrue(condition("Resizing").message().contains("rank 3: pod story-3-4 Unschedulable"));
    assertHolds("Running", "Training");
    cluster.put(ready(2, 3).ended(1, "Error", "cannot start", cluster.now).pod());
    pass();
    assertHolds("Running", "Training");
    assertEquals(0, status().restarts(), "nothing of the training failed");
    assertEquals(5, rank(2).incarnation());
    assertEquals(1, rank(2).failures());
  }

  @Test
  void shouldDropAddedWorkersWhenNobodyWantsThemAnyMore() {
    growing();
    cluster.put(ready(2, 3).pod());
    edit("parallelism.workers", 2);
    pass();
    assertHoldsNot("Resizing", "Resized");
    assertHolds("Running", "Training");
    assertEquals(List.of(1L, 2L), incarnations());
    assertTrue(pod(2, 3).isDeleting());
    assertTrue(cluster.pods().stream().noneMatch(pod -> pod.rank() == 3));
  }

  @Test
  void shouldShrinkAtOnce() {
    running();
    edit("parallelism.workers", 1);
    pass();
    assertEquals(1, status().worldSize());
    assertEquals(List.of(3L), incarnations());
    assertTrue(pod(0, 1).isDeleting() && pod(1, 2).isDeleting());
    cluster.vanish("story-0-1");
    assertEquals(List.of(new Plan.CreatePod(0, 3, 1)), pass().create());
    cluster.vanish("story-1-2");
    pass();
    assertEquals(0, status().restarts());
  }

  @Test
  void shouldFirstReplaceALostWorkerThatHasWhatNoCheckpointHas() {
    running();
    cluster.put(ready(1, 2).ended(1, "Error", "", cluster.now).pod());
    edit("parallelism.workers", 1);
    after(1);
    pass();
    after(2);
    pass();
    assertHolds("Resizing", "WaitingForRecovery");
    assertFalse(pod(0, 1).isDeleting());
    cluster.put(ready(1, 3).pod());
    after(1);
    cluster.progress(progress(0, 1, 125));
    pass();
    pass();
    assertHolds("Resizing", "Switching");
    assertTrue(pod(0, 1).isDeleting());
  }

  @Test
  void shouldStartInTheNewNumberAfterASuspension() {
    running();
    edit("suspend", true);
    pass();
    cluster.vanish("story-0-1");
    cluster.vanish("story-1-2");
    pass();
    assertNull(status().worldSize());
    edit("parallelism.workers", 4);
    edit("suspend", false);
    assertEquals(4, pass().create().size());
    assertEquals(4, status().worldSize());
  }

  private void growing() {
    running();
    edit("parallelism.workers", 4);
    assertEquals(
        List.of(new Plan.CreatePod(2, 3, 4), new Plan.CreatePod(3, 4, 4)), pass().create());
  }

  private List<Long> incarnations() {
    return Objects.requireNonNull(status().ranks()).stream().map(RankStatus::incarnation).toList();
  }

  private WorkerPod pod(int rank, long incarnation) {
    return cluster.snapshot().pod(rank, incarnation).orElseThrow();
  }
}
