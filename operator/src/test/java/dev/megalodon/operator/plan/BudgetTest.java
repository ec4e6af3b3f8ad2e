package dev.megalodon.operator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.BudgetStatus;
import dev.megalodon.crds.v1alpha1.JobPhase;
import org.junit.jupiter.api.Test;

/** Restarts that a job may use, and how it earns them back. */
class BudgetTest extends PlannerScenario {
  /** Rank 1 crashes at a step and all go on there. */
  private void crash(long step) {
    cluster.progress(progress(0, 1, step));
    pass();
    cluster.put(ready(1, rank(1).incarnation()).ended(1, "Error", "boom", cluster.now).pod());
    pass();
    if (status().phase() != JobPhase.FAILED) {
      after(20);
      pass();
      cluster.put(ready(1, rank(1).incarnation()).pod());
      after(1);
      cluster.progress(progress(0, 1, step));
      pass();
      assertEquals(JobPhase.RUNNING, status().phase());
    }
  }

  @Test
  void shouldNotBeTouchedByAJobThatNeverFails() {
    running();
    assertNull(status().budget());
  }

  @Test
  void shouldBeGivenBackByACheckpointBeyondTheLastFailure() {
    running();
    for (int step = 120; step <= 280; step += 40) {
      crash(step);
    }
    assertEquals(JobPhase.RUNNING, status().phase());
    assertEquals(5, status().restarts());
    assertEquals(new BudgetStatus(3, 280, null), status().budget());
  }

  @Test
  void shouldChargeAGangThatDiesTogetherOnce() {
    edit("failurePolicy.maxRestarts", 1);
    running();
    cluster.put(ready(0, 1).ended(137, "Error", "", cluster.now).pod());
    pass();
    cluster.put(ready(1, 2).ended(137, "Error", "", cluster.now).pod());
    pass();
    assertEquals(1, status().restarts());
    assertEquals(new BudgetStatus(1, 120, 2L), status().budget());
    assertEquals(JobPhase.RESTARTING, status().phase());
    after(20);
    pass();
    cluster.put(ready(0, rank(0).incarnation()).ended(137, "Error", "", cluster.now).pod());
    pass();
    assertHolds("Failed", "NoProgress");
  }

  @Test
  void shouldChargeTheNextFailureOnceTrainingWentOn() {
    running();
    crash(120);
    assertEquals(new BudgetStatus(1, 120, null), status().budget());
    cluster.put(ready(0, 1).ended(137, "Error", "", cluster.now).pod());
    pass();
    assertEquals(2, status().restarts());
  }

  @Test
  void shouldFailAJobThatGainsNothing() {
    running();
    crash(120);
    crash(150);
    crash(130);
    assertEquals(new BudgetStatus(3, 150, null), status().budget());
    crash(125);
    assertHolds("Failed", "NoProgress");
    assertEquals(
        "3 of 3 restarts used since step 150, no newer checkpoint; then rank 1: WorkerFailed: exit"
            + " code 1: boom",
        condition("Failed").message());
  }

  @Test
  void shouldCountOverTheWholeLifeIfToldSo() {
    edit("failurePolicy.progressRefundsBudget", false);
    running();
    crash(120);
    crash(205);
    crash(210);
    crash(290);
    assertHolds("Failed", "MaxRestartsExceeded");
    assertTrue(condition("Failed").message().startsWith("3 of 3 restarts used; then rank 1"));
  }
}
