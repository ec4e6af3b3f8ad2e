package dev.megalodon.operator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.megalodon.crds.contract.RankTimes;
import dev.megalodon.crds.contract.Recovery;
import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.AttemptStatus.ResumedFrom;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.TimeStatus;
import dev.megalodon.operator.status.Times;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a loss cost: when it ended, was noticed, was over, and what had to be made again. */
class RecoveryTest extends PlannerScenario {
  private static Recovery live(Instant opened, @Nullable Instant firstStep) {
    return new Recovery(
        "rank 1 ended",
        Recovery.Source.LIVE,
        1,
        Times.millis(opened),
        Times.millis(opened),
        Times.millis(opened),
        firstStep == null ? null : Times.millis(firstStep));
  }

  private void recovers(@Nullable Recovery recovery) {
    cluster.progress(
        answer(
            0,
            1,
            120,
            recovery,
            null,
            List.of(),
            List.of(new RankTimes(0, 1.5, 0.5), new RankTimes(1, 1, 0.75))));
    pass();
  }

  /** Rank 1 ended two seconds ago, its replacement is ready four seconds later. */
  private void lost() {
    running();
    after(94);
    cluster.put(ready(1, 2).ended(137, "Error", "", cluster.now.minusSeconds(2)).pod());
    pass();
    after(2);
    pass();
    after(2);
    cluster.put(ready(1, 3).pod());
    after(1);
  }

  @Test
  void shouldTakeTheWorkersWordForWhatALossCost() {
    lost();
    Instant opened = cluster.now;
    recovers(live(opened, null));
    assertEquals(JobPhase.RESTARTING, status().phase(), "no step was made yet");
    after(5);
    recovers(live(opened, opened.plusMillis(3200)));
    AttemptStatus loss = lastAttempt();
    assertEquals("2026-01-01T00:01:38Z", loss.ended());
    assertEquals("2026-01-01T00:01:40Z", loss.detected());
    assertEquals("2026-01-01T00:01:48.200Z", loss.recovered());
    assertEquals(1, loss.lostSteps());
    assertEquals(ResumedFrom.LIVE, loss.resumedFrom());
    assertEquals(2.0, loss.detectSeconds());
    assertEquals(10.2, loss.recoverSeconds());
    // The start took 6 s, the outage 10.2 s, the step that was made again 2 s.
    assertEquals(new TimeStatus(0, 18.2, null), status().time());
    assertEquals(83, status().goodputPercent(), "18.2 s of 110 s");
  }

  @Test
  void shouldNotTakeAnEarlierRecoveryForThisOne() {
    lost();
    recovers(live(cluster.now.minusSeconds(60), cluster.now.minusSeconds(50)));
    AttemptStatus loss = lastAttempt();
    assertEquals(Times.millis(cluster.now), loss.recovered());
    assertEquals(20, loss.lostSteps(), "step 120 was reached, 100 resumed from");
    assertNull(loss.resumedFrom());
  }

  @Test
  void shouldSurviveAnUnreadableTime() {
    lost();
    recovers(new Recovery(null, Recovery.Source.CHECKPOINT, 3, null, "soon", "later", "yesterday"));
    assertEquals(JobPhase.RUNNING, status().phase());
    assertEquals(20, lastAttempt().lostSteps());
  }

  @Test
  void shouldCountOverlappingLossesAsOneOutage() {
    lost();
    cluster.put(ready(0, 1).ended(137, "Error", "", cluster.now).pod());
    pass();
    after(2);
    pass();
    cluster.put(ready(0, 4).pod());
    after(3);
    cluster.progress(progress(0, 4, 121));
    pass();
    assertEquals(JobPhase.RUNNING, status().phase());
    assertEquals(2, Objects.requireNonNull(status().attempts()).size());
    assertEquals(new TimeStatus(0, 6 + 12, null), status().time());
  }

  @Test
  void shouldEnterASuspensionAndNotCountItsTime() {
    running();
    after(94);
    edit("suspend", true);
    pass();
    pass();
    assertEquals("Suspended", lastAttempt().cause());
    assertEquals(1, Objects.requireNonNull(status().attempts()).size());
    after(3);
    cluster.vanish("story-0-1");
    cluster.vanish("story-1-2");
    pass();
    assertEquals(new TimeStatus(103, 9, null), status().time());
    assertNull(lastAttempt().recovered());
    after(3600);
    pass();
    edit("suspend", false);
    pass();
    cluster.put(ready(0, 3).pod());
    cluster.put(ready(1, 4).pod());
    after(7);
    cluster.progress(progress(0, 3, 121));
    pass();
    assertEquals(new TimeStatus(103, 16, null), status().time());
    assertEquals(85, status().goodputPercent(), "16 s of 110 s");
    assertNotNull(lastAttempt().recovered());
    assertEquals(20, lastAttempt().lostSteps());
    assertEquals(0, status().restarts());
    assertEquals(1, Objects.requireNonNull(status().attempts()).size());
  }

  @Test
  void shouldEnterEachSuspensionOnce() {
    running();
    for (boolean suspend : new boolean[] {true, false, true}) {
      edit("suspend", suspend);
      pass();
      cluster.pods().forEach(pod -> cluster.vanish(pod.name()));
      pass();
    }
    long suspensions =
        Objects.requireNonNull(status().attempts()).stream()
            .filter(attempt -> attempt.cause().equals("Suspended"))
            .count();
    assertEquals(2, suspensions);
  }
}
