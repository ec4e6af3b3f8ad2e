package dev.megalodon.trainer.rendezvous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.trainer.parallel.Activity;
import dev.megalodon.trainer.parallel.Activity.State;
import dev.megalodon.trainer.parallel.Activity.Work;
import dev.megalodon.trainer.parallel.StepTimes;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Bounds are 10 s, 10 times the usual, 120 s for what was never measured, 20 s for the network. */
class StuckRuleTest {
  private static final double USUAL = 0.5;
  private static final Activity OTHER =
      new Activity(State.OTHER, Work.OTHER, 57, nanos(900), 0, StepTimes.NONE);

  private final StuckRule rule = new StuckRule(StuckBounds.DEFAULT);

  @Test
  void shouldNameTheRankThatAllOthersWaitFor() {
    StuckRule.Verdict verdict =
        judge(waiting(11), waiting(12), computing(12.3, USUAL)).orElseThrow();
    assertEquals(
        new StuckRule.Verdict.Stuck(
            Set.of(2),
            "rank 2 makes no progress: computing step 57 for 12.3 s while all others wait"),
        verdict);
  }

  @Test
  void shouldNotBlameARankBeforeTheOthersHaveWaited() {
    assertTrue(judge(waiting(9.9), waiting(12), computing(12.3, USUAL)).isEmpty());
    assertTrue(judge(waiting(12), waiting(12), computing(9.9, USUAL)).isEmpty());
  }

  @Test
  void shouldAllowTenTimesTheLongestStep() {
    assertTrue(judge(waiting(40), computing(49, 5)).isEmpty());
    assertTrue(judge(waiting(40), computing(51, 5)).isPresent());
  }

  @Test
  void shouldAllowTenTimesTheLongestStepOfAnyRank() {
    Activity slow = new Activity(State.WAITING, Work.STEP, 57, nanos(40), nanos(5), StepTimes.NONE);
    assertTrue(judge(slow, computing(49, USUAL)).isEmpty());
    assertTrue(judge(slow, computing(51, USUAL)).isPresent());
  }

  @Test
  void shouldBePatientWithWhatWasNeverMeasured() {
    assertTrue(judge(waiting(119), computing(119, 0)).isEmpty());
    assertTrue(judge(waiting(121), computing(121, 0)).isPresent());
  }

  @Test
  void shouldBlameNobodyWhileARankLoadsOrSaves() {
    assertTrue(judge(waiting(100), OTHER, computing(100, USUAL)).isEmpty());
    assertTrue(judge(waiting(100), waiting(100), OTHER).isEmpty());
  }

  @Test
  void shouldBlameNobodyWhileARankComputesWithinItsLimit() {
    assertTrue(judge(waiting(30), computing(30, USUAL), computing(3, USUAL)).isEmpty());
  }

  @Test
  void shouldNameAllThatAreStuck() {
    StuckRule.Verdict verdict =
        judge(computing(30, USUAL), waiting(29), computing(31, USUAL)).orElseThrow();
    assertEquals(Set.of(0, 2), ((StuckRule.Verdict.Stuck) verdict).ranks());
    assertTrue(verdict.reason().contains("rank 0"), verdict.reason());
    assertTrue(verdict.reason().contains("rank 2"), verdict.reason());
  }

  @Test
  void shouldBlameNobodyWhenNobodyWaits() {
    assertTrue(judge(computing(300, USUAL), computing(300, USUAL)).isEmpty());
    assertTrue(judge(computing(300, USUAL)).isEmpty());
  }

  @Test
  void shouldEndAnExchangeInWhichNothingMoves() {
    assertTrue(judge(waiting(19), waiting(25)).isEmpty());
    StuckRule.Verdict verdict = judge(waiting(21), waiting(25)).orElseThrow();
    assertEquals(
        "no message has moved between ranks for 21.0 s and all of them wait", verdict.reason());
    assertTrue(verdict instanceof StuckRule.Verdict.ExchangeBroken, verdict::toString);
  }

  @Test
  void shouldWaitAtTheRendezvousAsLongAsWhatARankDoesMayTake() {
    assertFalse(rule.overdue(OTHER, nanos(USUAL), nanos(119)));
    assertTrue(rule.overdue(OTHER, nanos(USUAL), nanos(121)));
    assertFalse(rule.overdue(waiting(100), nanos(USUAL), nanos(9)));
    assertTrue(rule.overdue(waiting(100), nanos(USUAL), nanos(11)));
    assertFalse(rule.overdue(computing(9, USUAL), nanos(USUAL), nanos(100)));
    assertTrue(rule.overdue(computing(11, USUAL), nanos(USUAL), nanos(1)));
  }

  private Optional<StuckRule.Verdict> judge(Activity... ranks) {
    SortedMap<Integer, Activity> activities = new TreeMap<>();
    for (Activity activity : ranks) {
      activities.put(activities.size(), activity);
    }
    return rule.judge(activities);
  }

  private static Activity waiting(double seconds) {
    return new Activity(State.WAITING, Work.STEP, 57, nanos(seconds), nanos(USUAL), StepTimes.NONE);
  }

  private static Activity computing(double seconds, double usual) {
    return new Activity(
        State.COMPUTING, Work.STEP, 57, nanos(seconds), nanos(usual), StepTimes.NONE);
  }

  private static long nanos(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000)).toNanos();
  }
}
