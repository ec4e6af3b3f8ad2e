package dev.megalodon.operator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.AbsentRank.Cause;
import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.testing.SimulatedCluster.Fate;
import dev.megalodon.operator.testing.SimulatedCluster.OperatorKilled;
import dev.megalodon.operator.testing.TestPods;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers that live and keep the others waiting. */
class StallTest extends PlannerScenario {
  private static AbsentRank absent(int rank, long incarnation, Cause cause, double seconds) {
    return new AbsentRank(
        rank, incarnation, cause, "rank %d was not heard of".formatted(rank), seconds);
  }

  /** Both run for long enough; then rank 0 says this of rank 1. */
  private void told(AbsentRank absent) {
    running();
    after(60);
    cluster.progress(missing(0, 1, absent));
  }

  private void assertNothingIsLost() {
    assertEquals(List.of(), pass().then());
    assertEquals(JobPhase.RUNNING, status().phase());
    assertEquals(0, status().restarts());
  }

  @Test
  void shouldReplaceARankThatItsPeersMiss() {
    told(absent(1, 2, Cause.SILENT, 12));
    Plan plan = pass();
    assertEquals("Stalled", lastAttempt().cause());
    assertEquals("rank 1 was not heard of (Silent)", lastAttempt().message());
    assertTrue(lastAttempt().charged());
    assertEquals(1, status().restarts());
    assertHolds("Stalled", "Silent");
    assertTrue(condition("Stalled").message().startsWith("rank 1: Stalled: rank 1 was not"));
    assertEquals(
        List.of(new Action.RemoveStalledPod("story-1-2", "its peers wait for it")), plan.then());
    assertTrue(cluster.pods().stream().anyMatch(pod -> pod.name().equals("story-1-2")));

    after(2);
    assertEquals(List.of(new Plan.CreatePod(1, 3, 2)), pass().create());
    assertTrue(
        cluster.pods().stream().anyMatch(pod -> pod.name().equals("story-1-2")),
        "its replacement does not wait for it");
    after(5);
    cluster.put(ready(1, 3).pod());
    after(1);
    cluster.progress(progress(0, 1, 121));
    pass();
    assertHoldsNot("Stalled", "Recovered");
    assertHolds("Running", "Training");
    assertEquals(1, cluster.told.stream().filter(n -> n.reason().equals("Stalled")).count());
  }

  @Test
  void shouldReplaceAFrozenRankZeroInTheWordsOfAnother() {
    running();
    after(60);
    cluster.progress(missing(1, 2, absent(0, 1, Cause.STUCK, 10)));
    pass();
    assertEquals(0, lastAttempt().rank());
    assertHolds("Stalled", "Stuck");
  }

  @ParameterizedTest
  @CsvSource({
    "2, SILENT, 9.9", // not long enough
    "2, LEFT, 60", // on notice: its pod ends by itself
    "1, SILENT, 60", // an earlier process of the rank; this one is new
    "0, NEVER_JOINED, 60",
    "2, NEVER_JOINED, 60",
    "3, SILENT, 60", // not this process
  })
  void shouldBePatientWith(long incarnation, Cause cause, double seconds) {
    told(absent(1, incarnation, cause, seconds));
    assertNothingIsLost();
  }

  @ParameterizedTest
  @CsvSource({"0, NEVER_JOINED", "2, NEVER_JOINED", "1, ENDED"})
  void shouldReplaceANewcomerThatDoesNotJoinForMinutes(long incarnation, Cause cause) {
    running();
    after(593);
    cluster.progress(missing(0, 1, absent(1, incarnation, cause, 590)));
    assertNothingIsLost();
    after(10);
    cluster.progress(missing(0, 1, absent(1, incarnation, cause, 600)));
    pass();
    assertEquals("Stalled", lastAttempt().cause());
  }

  @Test
  void shouldNotActOnAnOldAnswer() {
    told(absent(1, 2, Cause.SILENT, 12));
    after(19);
    assertNothingIsLost();
  }

  @Test
  void shouldNotTakeAYoungProcessForAFrozenOne() {
    running();
    cluster.progress(missing(0, 1, absent(1, 2, Cause.SILENT, 30)));
    assertNothingIsLost();
  }

  @Test
  void shouldBlameTheNodeWhereItIsKnownToBeSilent() {
    told(absent(1, 2, Cause.SILENT, 12));
    cluster.put(ready(1, 2).unreachable(cluster.now.minusSeconds(5)).pod());
    assertNothingIsLost();
    after(15);
    cluster.progress(missing(0, 1, absent(1, 2, Cause.SILENT, 27)));
    pass();
    assertEquals("NodeLost", lastAttempt().cause());
    assertFalse(lastAttempt().charged());
    assertEquals(27.0, lastAttempt().detectSeconds(), "its peers knew first");
    assertTrue(cluster.everCreated.contains("story-1-3"), "nobody waits for its pod");
  }

  @Test
  void shouldKeepWorkersThatAreHeardOfThoughTheirNodesSeemDead() {
    running();
    cluster.put(ready(0, 1).unreachable(cluster.now).pod());
    cluster.put(ready(1, 2).unreachable(cluster.now).pod());
    after(25);
    cluster.progress(progress(0, 1, 150));
    assertNothingIsLost();
    after(19);
    pass();
    assertEquals(
        List.of("NodeLost", "NodeLost"),
        Objects.requireNonNull(status().attempts()).stream().map(AttemptStatus::cause).toList());
  }

  @Test
  void shouldLeaveANodeThatStaysSilentThoughItsWorkerIsHeardOf() {
    running();
    cluster.put(ready(1, 2).unreachable(cluster.now).pod());
    after(59);
    cluster.progress(progress(0, 1, 150));
    assertNothingIsLost();
    after(1);
    cluster.progress(progress(0, 1, 151));
    pass();
    assertEquals("NodeLost", lastAttempt().cause());
    assertFalse(lastAttempt().charged());
    assertTrue(cluster.everCreated.contains("story-1-3"), "on another node");
  }

  @Test
  void shouldListenToWorkersBeforeItLeavesNodesThatWereSilentWhenItStarted() {
    running();
    cluster.put(ready(0, 1).unreachable(cluster.now.minusSeconds(90)).pod());
    cluster.put(ready(1, 2).unreachable(cluster.now.minusSeconds(90)).pod());
    after(60);
    cluster.knownSince = cluster.now;
    assertNothingIsLost();
    after(19);
    cluster.progress(progress(0, 1, 150));
    after(1);
    assertNothingIsLost();
    cluster.put(ready(0, 1).pod());
    after(19);
    pass();
    assertEquals("NodeLost", lastAttempt().cause());
    assertEquals(2, lastAttempt().incarnation(), "of a worker that nobody heard of again");
  }

  @Test
  void shouldNotWaitForAPodThatWasLeavingWhenItsNodeWentSilent() {
    running();
    TestPods leaving = ready(1, 2).deleting(cluster.now.plusSeconds(120));
    cluster.put(leaving.pod());
    pass();
    assertEquals("Deleted", lastAttempt().cause());
    cluster.put(leaving.unreachable(cluster.now).pod());
    after(19);
    pass();
    assertFalse(cluster.everCreated.contains("story-1-3"));
    after(1);
    Plan plan = pass();
    assertEquals(List.of(new Plan.CreatePod(1, 3, 2)), plan.create());
    assertTrue(
        plan.then().contains(new Action.RemoveLostPod("story-1-2", "node node-1 does not answer")));
  }

  @Test
  void shouldRemoveByForceWhatIsStuckEvenSo() {
    told(absent(1, 2, Cause.SILENT, 12));
    pass();
    after(30);
    pass();
    assertTrue(cluster.pods().stream().anyMatch(pod -> pod.name().equals("story-1-2")));
    after(1);
    pass();
    assertTrue(cluster.pods().stream().noneMatch(pod -> pod.name().equals("story-1-2")));
  }

  @Test
  void shouldEndAPodThatWasDeclaredDeadAndNotDeleted() {
    running();
    cluster.put(ready(1, 2).unreachable(cluster.now).pod());
    after(20);
    int[] writes = {0};
    cluster.fates(() -> writes[0]++ == 3 ? Fate.KILLED_AFTER : Fate.DONE);
    Assertions.assertThrows(OperatorKilled.class, this::pass);
    cluster.fates(() -> Fate.DONE);
    WorkerPod half =
        cluster.pods().stream().filter(pod -> pod.name().equals("story-1-2")).findFirst().get();
    assertEquals(WorkerPod.Life.FAILED, half.life());
    pass();
    assertTrue(cluster.pods().stream().noneMatch(pod -> pod.name().equals("story-1-2")));
  }

  @Test
  void shouldKeepTheStalledPodUntilTheFailureItMeansIsWritten() {
    edit("failurePolicy.maxRestarts", 0);
    told(absent(1, 2, Cause.SILENT, 12));
    Plan plan = pass();
    assertEquals(List.of(new Action.DeletePod("story-0-1", "the job is over")), plan.first());
    assertHolds("Failed", "MaxRestartsExceeded");
    assertEquals(
        List.of(new Action.RemoveStalledPod("story-1-2", "its peers waited for it")),
        pass().then());
  }
}
