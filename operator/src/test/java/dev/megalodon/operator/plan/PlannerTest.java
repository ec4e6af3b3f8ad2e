package dev.megalodon.operator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.testing.TestPods;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlannerTest extends PlannerScenario {
  @Test
  void shouldPersistIncarnationsAndCreateOnePodForEachRank() {
    Plan plan = pass();
    assertEquals(List.of(new Plan.CreatePod(0, 1, 2), new Plan.CreatePod(1, 2, 2)), plan.create());
    assertEquals(
        Optional.of(cluster.now.plusSeconds(10)), plan.wakeAt(), "they may wait in silence");
    assertEquals(2, status().lastIncarnation());
    assertEquals(1, cluster.statusWrites);
    assertEquals("2026-01-01T00:00:00Z", status().startTime());
    assertEquals(
        "app.kubernetes.io/managed-by=megalodon-operator,training.megalodon.dev/job=story",
        status().selector());
  }

  @Test
  void shouldDoNothingWhenNothingChanged() {
    running();
    int writes = cluster.statusWrites;
    for (int i = 0; i < 10; i++) {
      after(60);
      Plan plan = pass();
      assertEquals(Optional.empty(), plan.status());
      assertEquals(List.of(), plan.then());
      assertEquals(List.of(), plan.create());
    }
    assertEquals(writes, cluster.statusWrites);
  }

  @Test
  void shouldReachRunningOnlyWhenStepsAreMade() {
    pass();
    after(5);
    cluster.put(ready(0, 1).pod());
    pass();
    assertEquals(JobPhase.STARTING, status().phase());
    assertEquals("1 of 2 workers are ready", condition("PodsReady").message().split(";")[0]);
    cluster.put(ready(1, 2).pod());
    pass();
    assertHolds("PodsReady", "AllReady");
    assertEquals(Condition.Status.FALSE, condition("Running").status());
    after(1);
    cluster.progress(progress(0, 1, 1));
    pass();
    assertHolds("Running", "Training");
    assertEquals("1/300", Objects.requireNonNull(status().progress()).stepOfTotal());
    assertEquals(1.712, Objects.requireNonNull(status().progress()).heldOutLoss());
  }

  @Test
  void shouldWriteProgressAloneOnlyWhenItIsDue() {
    running();
    Instant due = cluster.now.plusSeconds(50);
    cluster.progressDue = Optional.of(due);
    after(10);
    cluster.progress(progress(0, 1, 150));
    Plan plan = pass();
    assertEquals(Optional.empty(), plan.status());
    assertEquals(Optional.of(due), plan.wakeAt());
    after(40);
    pass();
    assertEquals("150/300", Objects.requireNonNull(status().progress()).stepOfTotal());
  }

  @Test
  void shouldNotWriteEveryWorkerThatGetsReadyButTheLast() {
    pass();
    pass();
    cluster.progressDue = Optional.of(cluster.now.plusSeconds(5));
    cluster.put(ready(0, 1).pod());
    assertEquals(Optional.empty(), pass().status());
    cluster.put(ready(1, 2).pod());
    pass();
    assertHolds("PodsReady", "AllReady");
  }

  @Test
  void shouldCountReadyWorkersAsRunningWhenNobodyCanBeAsked() {
    pass();
    cluster.put(ready(0, 1).pod());
    cluster.put(ready(1, 2).pod());
    Plan plan = pass();
    assertEquals(Condition.Status.FALSE, condition("Running").status());
    assertEquals(Optional.of(cluster.now.plusSeconds(30)), plan.wakeAt());
    after(30);
    pass();
    assertHolds("Running", "Training");
  }

  @Test
  void shouldIgnoreProgressOfASupersededIncarnation() {
    running();
    cluster.progress(progress(0, 99, 200));
    assertEquals(Optional.empty(), pass().status());
  }

  @ParameterizedTest
  @CsvSource({
    "1,   Error,     WorkerFailed, true",
    "137, Error,     WorkerFailed, true",
    "143, Error,     WorkerFailed, true",
    "137, OOMKilled, OOMKilled,    true",
    "75,  Error,     LeftOnNotice, false",
    "3,   Error,     WorkerFailed, true",
  })
  void shouldReplaceOnlyTheLostRank(int exit, String reason, String cause, boolean charged) {
    running();
    cluster.put(ready(1, 2).ended(exit, reason, "last words", cluster.now).pod());
    pass();
    assertEquals(JobPhase.RESTARTING, status().phase());
    assertEquals(cause, lastAttempt().cause());
    assertEquals(charged, lastAttempt().charged());
    assertEquals(exit, lastAttempt().exitCode());
    assertTrue(Objects.requireNonNull(lastAttempt().message()).contains("last words"));
    assertEquals(charged ? 1 : 0, status().restarts());
    assertEquals(3, rank(1).incarnation());
    assertEquals(1, rank(0).incarnation());
    after(2);
    Plan plan = pass();
    if (charged) {
      assertEquals(List.of(new Plan.CreatePod(1, 3, 2)), plan.create());
    }
    assertTrue(cluster.everCreated.contains("story-1-3"));
    assertTrue(cluster.pods().stream().anyMatch(pod -> pod.name().equals("story-1-2")));

    after(5);
    cluster.put(ready(1, 3).pod());
    after(1);
    Progress again = progress(0, 1, 101);
    cluster.progress(again);
    pass();
    assertHolds("Running", "Training");
    assertEquals(Condition.Status.FALSE, condition("Restarting").status());
    assertNotNull(lastAttempt().recovered());
    assertEquals(20, lastAttempt().lostSteps(), "step 120 was reached, 100 resumed from");
  }

  @ParameterizedTest
  @CsvSource({
    "64, BadSpec",
    "65, BadData",
    "66, MissingInput",
    "69, DeviceUnavailable",
    "70, PermanentExit70",
    "74, CheckpointFailed",
    "76, NumericsMismatch",
  })
  void shouldFailWithTheWorkersOwnWords(int exit, String reason) {
    running();
    cluster.put(ready(1, 2).ended(exit, "Error", "no such file: /data/books", cluster.now).pod());
    pass();
    assertHolds("Failed", reason);
    assertEquals("rank 1: no such file: /data/books", condition("Failed").message());
    assertEquals(JobPhase.FAILED, status().phase());
    assertEquals(0, status().restarts());
    assertNotNull(status().completionTime());
    assertTrue(cluster.pods().stream().allMatch(pod -> pod.isDeleting() || !pod.isLive()));
    assertTrue(
        cluster.pods().stream().anyMatch(pod -> pod.name().equals("story-1-2")),
        "the failed pod stays for its logs");
  }

  @Test
  void shouldFailWhenTheBudgetIsSpentAndStayFailed() {
    edit("failurePolicy.progressRefundsBudget", false);
    running();
    for (int i = 0; i < 4; i++) {
      long incarnation = rank(1).incarnation();
      cluster.put(ready(1, incarnation).ended(1, "Error", "boom " + i, cluster.now).pod());
      pass();
      after(20);
      pass();
    }
    assertHolds("Failed", "MaxRestartsExceeded");
    assertTrue(condition("Failed").message().contains("boom 3"), condition("Failed").message());
    assertEquals(3, status().restarts());
    MegalodonTrainingJobStatus last = status();
    after(3600);
    pass();
    assertEquals(last, status());
  }

  @Test
  void shouldDoubleTheDelayOfARankThatFailsInARow() {
    edit("failurePolicy.maxRestarts", 100);
    running();
    long before = 0;
    for (int i = 0; i < 6; i++) {
      long incarnation = rank(1).incarnation();
      cluster.put(ready(1, incarnation).ended(1, "Error", "", cluster.now).pod());
      pass();
      Instant next = Instant.parse(Objects.requireNonNull(rank(1).nextStart()));
      long delay = Duration.between(cluster.now, next).toMillis();
      assertTrue(delay >= 800L << i && delay <= 1200L << i, i + ": " + delay + " ms");
      assertTrue(delay > before);
      before = delay;
      cluster.now = next;
      pass();
      assertNull(rank(1).nextStart());
    }
  }

  @Test
  void shouldStartAnewWithShortDelaysAfterAWorkerDidWell() {
    running();
    cluster.put(ready(1, 2).ended(1, "Error", "", cluster.now.plusSeconds(1)).pod());
    pass();
    after(5);
    pass();
    TestPods replacement = ready(1, 3);
    after(120);
    cluster.put(replacement.ended(1, "Error", "", cluster.now).pod());
    pass();
    assertEquals(1, rank(1).failures());
  }

  @Test
  void shouldChargeOneRestartForAllThatGaveUpOnALostPeer() {
    running();
    cluster.put(ready(0, 1).ended(3, "Error", "peers lost", cluster.now).pod());
    cluster.put(ready(1, 2).ended(3, "Error", "peers lost", cluster.now).pod());
    pass();
    assertEquals(1, status().restarts());
    assertEquals(2, Objects.requireNonNull(status().attempts()).size());
  }

  @ParameterizedTest
  @CsvSource({
    "PreemptionByScheduler,  Preempted",
    "EvictionByEvictionAPI,  Evicted",
    "DeletionByTaintManager, Evicted",
    "TerminationByKubelet,   Evicted",
    "DeletionByPodGC,        NodeLost",
  })
  void shouldNotChargeWhatTheClusterTakesAway(String disruption, String cause) {
    running();
    TestPods leaving =
        ready(1, 2).disrupted(disruption, "why not").deleting(cluster.now.plusSeconds(120));
    cluster.put(leaving.pod());
    pass();
    assertEquals(cause, lastAttempt().cause());
    assertFalse(lastAttempt().charged());
    assertEquals(0, status().restarts());
    assertFalse(cluster.everCreated.contains("story-1-3"), "the old one still saves");
    assertEquals("Terminating", condition("PodsReady").reason());
    cluster.put(leaving.ended(75, "Error", "", cluster.now).pod());
    pass();
    assertTrue(cluster.everCreated.contains("story-1-3"));
  }

  @Test
  void shouldReplaceADeletedPodAtOnceAndForFree() {
    running();
    cluster.vanish("story-0-1");
    Plan plan = pass();
    assertEquals(List.of(new Plan.CreatePod(0, 3, 2)), plan.create());
    assertEquals("Deleted", lastAttempt().cause());
    assertEquals(0, status().restarts());
  }

  @Test
  void shouldReplaceALostNodesPodWithoutWaitingForIt() {
    running();
    cluster.put(ready(1, 2).unreachable(cluster.now).pod());
    Plan plan = pass();
    assertEquals(Optional.of(cluster.now.plusSeconds(20)), plan.wakeAt());
    assertEquals(JobPhase.RUNNING, status().phase());
    after(20);
    plan = pass();
    assertEquals("NodeLost", lastAttempt().cause());
    assertFalse(lastAttempt().charged());
    assertTrue(
        plan.then().contains(new Action.RemoveLostPod("story-1-2", "node node-1 does not answer")));
    assertTrue(cluster.everCreated.contains("story-1-3"));
  }

  @Test
  void shouldRemoveByForceWhatOutlivesItsGracePeriod() {
    running();
    cluster.put(ready(1, 2).deleting(cluster.now.plusSeconds(120)).pod());
    pass();
    after(149);
    pass();
    assertFalse(cluster.everCreated.contains("story-1-3"));
    after(1);
    pass();
    assertTrue(cluster.everCreated.contains("story-1-3"));
    assertTrue(cluster.pods().stream().noneMatch(pod -> pod.name().equals("story-1-2")));
  }

  @Test
  void shouldBeCompleteWhenRankZeroIsDoneAndTheOthersHaveEnded() {
    running();
    after(18);
    cluster.put(ready(0, 1).ended(0, "Completed", "", cluster.now).pod());
    Plan plan = pass();
    assertEquals(JobPhase.RUNNING, status().phase());
    assertEquals(Optional.of(cluster.now.plusSeconds(10)), plan.wakeAt());
    cluster.put(ready(1, 2).ended(0, "Completed", "", cluster.now).pod());
    pass();
    assertHolds("Complete", "AllStepsDone");
    assertEquals(
        "300 steps, held-out loss 5.581 → 1.712 nats per token, took 24s, goodput 75 %",
        condition("Complete").message());
    assertEquals(100, Objects.requireNonNull(status().progress()).percent());
    assertEquals(JobPhase.COMPLETE, status().phase());
  }

  @Test
  void shouldTakeTheFinalProgressFromTheLastWordsOfRankZero() {
    running();
    String words =
        """
        {"jobUid":"x","rank":0,"incarnation":1,"phase":"COMPLETE","epoch":1,"step":300,
         "totalSteps":300,"tokens":153600,"loss":1.4,"heldOutLoss":1.25,"initialHeldOutLoss":5.5,
         "tokensPerSecond":900.0,"etaSeconds":0,"checkpointStep":300,"checkpointUri":"a/300",
         "checkpointDigest":"sha256:11","checkpointTime":"2026-01-01T00:00:09Z",
         "resumedFromStep":0,"message":"all 300 steps are done","laterField":true}
        """;
    cluster.put(ready(0, 1).ended(0, "Completed", words.strip(), cluster.now).pod());
    cluster.put(ready(1, 2).ended(0, "Completed", "", cluster.now).pod());
    pass();
    assertEquals(300, Objects.requireNonNull(status().checkpoint()).step());
    assertEquals("a/300", Objects.requireNonNull(status().checkpoint()).uri());
    assertTrue(
        condition("Complete").message().startsWith("300 steps, held-out loss 5.500 → 1.250"),
        condition("Complete").message());
  }

  @Test
  void shouldEndTheOthersWhenTheyDoNotEndAfterRankZero() {
    running();
    cluster.put(ready(0, 1).ended(0, "Completed", "", cluster.now).pod());
    pass();
    after(10);
    Plan plan = pass();
    assertEquals(List.of(new Action.DeletePod("story-1-2", "the job is over")), plan.first());
    assertHolds("Complete", "AllStepsDone");
  }

  @Test
  void shouldBringDoneRanksBackWhenRankZeroIsLostBeforeTheEnd() {
    running();
    cluster.put(ready(1, 2).ended(0, "Completed", "", cluster.now).pod());
    pass();
    assertEquals(2, rank(1).incarnation());
    cluster.put(ready(0, 1).ended(137, "Error", "", cluster.now).pod());
    pass();
    after(2);
    pass();
    assertTrue(rank(0).incarnation() > 2);
    assertTrue(rank(1).incarnation() > 2);
    assertEquals(1, status().restarts());
  }

  @Test
  void shouldSuspendAndResumeWithoutACharge() {
    running();
    edit("suspend", true);
    pass();
    assertEquals("Suspending", condition("Suspended").reason());
    assertTrue(cluster.pods().stream().allMatch(WorkerPod::isDeleting));
    cluster.vanish("story-0-1");
    cluster.vanish("story-1-2");
    pass();
    assertHolds("Suspended", "Suspended");
    assertEquals(JobPhase.SUSPENDED, status().phase());
    assertNull(status().startTime());
    after(3600);
    assertEquals(Optional.empty(), pass().status());

    edit("suspend", false);
    Plan plan = pass();
    assertEquals(List.of(new Plan.CreatePod(0, 3, 2), new Plan.CreatePod(1, 4, 2)), plan.create());
    assertEquals("Resumed", condition("Suspended").reason());
    assertEquals(0, status().restarts());
    assertEquals("Suspended", lastAttempt().cause());
  }

  @Test
  void shouldCreateNothingForAJobBornSuspended() {
    edit("suspend", true);
    Plan plan = pass();
    assertEquals(List.of(), plan.create());
    assertEquals(JobPhase.SUSPENDED, status().phase());
  }

  @Test
  void shouldLeaveAlonesJobsOfOthers() {
    edit("managedBy", "kueue.x-k8s.io/multikueue");
    assertEquals(Plan.nothing(), pass());
    assertEquals(0, cluster.statusWrites);
  }

  @Test
  void shouldHonourTheActiveDeadlineButNotWhileSuspended() {
    edit("activeDeadlineSeconds", 100);
    running();
    edit("suspend", true);
    pass();
    cluster.vanish("story-0-1");
    cluster.vanish("story-1-2");
    pass();
    after(1000);
    pass();
    assertEquals(JobPhase.SUSPENDED, status().phase());
    edit("suspend", false);
    pass();
    Plan plan = pass();
    assertEquals(Optional.of(cluster.now.plusSeconds(100)), plan.wakeAt());
    after(100);
    pass();
    assertHolds("Failed", "DeadlineExceeded");
    assertTrue(cluster.pods().stream().noneMatch(pod -> pod.isLive() && !pod.isDeleting()));
  }

  @Test
  void shouldHonourTheStartDeadlineWithTheConcreteCause() {
    edit("startDeadlineSeconds", 60);
    pass();
    cluster.put(TestPods.pending(1, 2).blocked("ImagePullBackOff", "no such image: nope:1").pod());
    pass();
    assertEquals("ImagePullBackOff", condition("PodsReady").reason());
    after(60);
    pass();
    assertHolds("Failed", "StartDeadlineExceeded");
    assertTrue(condition("Failed").message().contains("no such image: nope:1"));
  }

  @Test
  void shouldNotCountAStartDeadlineOnceAllWereReady() {
    edit("startDeadlineSeconds", 60);
    running();
    cluster.put(ready(1, 2).ended(1, "Error", "", cluster.now).pod());
    pass();
    after(3600);
    pass();
    assertEquals(JobPhase.RESTARTING, status().phase());
  }

  @Test
  void shouldDeleteTheJobAfterItsTimeToLive() {
    edit("ttlSecondsAfterFinished", 30);
    running();
    cluster.put(ready(0, 1).ended(0, "Completed", "", cluster.now).pod());
    cluster.put(ready(1, 2).ended(0, "Completed", "", cluster.now).pod());
    pass();
    Plan plan = pass();
    assertEquals(Optional.of(cluster.now.plusSeconds(30)), plan.wakeAt());
    assertFalse(cluster.jobDeleted);
    after(30);
    pass();
    assertTrue(cluster.jobDeleted);
  }

  @ParameterizedTest
  @CsvSource({"None, 2", "Running, 1", "All, 0"})
  void shouldCleanPodsAsThePolicySays(String policy, int left) {
    edit("cleanPodPolicy", policy);
    running();
    cluster.put(ready(1, 2).ended(65, "Error", "bad", cluster.now).pod());
    pass();
    assertEquals(JobPhase.FAILED, status().phase());
    pass();
    long stay = cluster.pods().stream().filter(pod -> !pod.isDeleting()).count();
    assertEquals(left, stay);
  }

  @Test
  void shouldSayWhyInPodsReadyAndRunningAlike() {
    pass();
    cluster.put(TestPods.pending(1, 2).blocked("InsufficientGpu", "0/3 nodes").pod());
    pass();
    assertHoldsNot("PodsReady", "InsufficientGpu");
    assertHoldsNot("Running", "InsufficientGpu");
    String message = condition("Running").message();
    assertTrue(message.contains("pod story-1-2 InsufficientGpu: 0/3 nodes"), message);
  }

  @Test
  void shouldGiveTheLastWordsOfAWorkerThatEndsAtItsStart() {
    pass();
    cluster.put(ready(1, 2).ended(1, "Error", "no such option", cluster.now).pod());
    pass();
    assertHoldsNot("PodsReady", "WorkerFailed");
    assertHoldsNot("Running", "WorkerFailed");
    String message = condition("Running").message();
    assertTrue(message.contains("after WorkerFailed: exit code 1: no such option"), message);
  }

  @Test
  void shouldKeepIncarnationsOfPodsTheApiServerRefused() {
    cluster.refusesPods = true;
    pass();
    assertHoldsNot("PodsReady", "QuotaExceeded");
    assertHoldsNot("Running", "QuotaExceeded");
    assertNotNull(rank(0).nextStart());
    after(10);
    pass();
    assertEquals(2, status().lastIncarnation());
    cluster.refusesPods = false;
    after(10);
    pass();
    assertEquals(2, cluster.pods().size());
    assertEquals(2, status().lastIncarnation());
  }

  @Test
  void shouldSayWhyWhenWhatPodsShareIsRefused() {
    cluster.refusesShared = true;
    pass();
    assertHoldsNot("PodsReady", "QuotaExceeded");
    assertEquals("rank 0: exceeded quota: secrets", condition("Running").message());
    assertEquals(List.of(), cluster.pods());
    cluster.refusesShared = false;
    after(10);
    pass();
    assertEquals(2, cluster.pods().size());
  }

  @Test
  void shouldFailAnInvalidSpecWithoutCreatingAnything() {
    Plan plan = planner.plan(cluster.snapshot(), List.of("spec.worker.template: no"), cluster.now);
    executor.execute(cluster.snapshot(), plan, cluster, cluster.now);
    assertHolds("Failed", "InvalidSpec");
    assertEquals(List.of(), cluster.pods());
  }

  @Test
  void shouldKeepTransitionTimesWhileAConditionHolds() {
    running();
    String since = condition("PodsReady").lastTransitionTime();
    cluster.put(ready(1, 2).ended(1, "Error", "", cluster.now).pod());
    after(60);
    pass();
    assertEquals("2026-01-01T00:01:06Z", condition("PodsReady").lastTransitionTime());
    assertFalse(since.equals(condition("PodsReady").lastTransitionTime()));
    String failing = condition("PodsReady").lastTransitionTime();
    after(60);
    pass();
    assertEquals(failing, condition("PodsReady").lastTransitionTime());
  }

  @Test
  void shouldTellEachTransitionOnce() {
    running();
    cluster.put(ready(1, 2).ended(1, "Error", "boom", cluster.now).pod());
    pass();
    pass();
    after(2);
    pass();
    cluster.put(ready(1, 3).pod());
    after(1);
    cluster.progress(progress(0, 1, 121));
    pass();
    cluster.put(ready(0, 1).ended(0, "Completed", "", cluster.now).pod());
    cluster.put(ready(1, 3).ended(0, "Completed", "", cluster.now).pod());
    pass();
    pass();
    assertEquals(
        List.of(
            "WorkersCreated",
            "Running",
            "WorkerFailed",
            "Restarting",
            "WorkerReplaced",
            "Running",
            "Complete"),
        cluster.told.stream().map(Notice::reason).toList());
  }
}
