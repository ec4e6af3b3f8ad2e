package dev.megalodon.trainer.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.trainer.parallel.Activity.State;
import dev.megalodon.trainer.parallel.Activity.Work;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepClockTest {
  private final HandTicker ticker = new HandTicker();
  private final StepClock clock = new StepClock(ticker);

  @Test
  void shouldTellComputingFromWaiting() {
    step(1, 30, 70);
    clock.beginStep(2);
    assertEquals(times(30, 70), clock.activity().times());
  }

  @Test
  void shouldCountWaitsBetweenStepsAndNothingElseThere() {
    step(1, 30, 70);
    pass(500);
    waitFor(5);
    pass(500);
    clock.beginStep(2);
    assertEquals(times(30, 75), clock.activity().times());
  }

  @Test
  void shouldKeepEvaluationsOutOfSteps() {
    step(1, 30, 70);
    clock.beginEvaluation(1);
    pass(2_000);
    assertEquals(Work.EVALUATION, clock.activity().work());
    waitFor(900);
    pass(10);
    clock.endEvaluation();
    clock.beginStep(2);
    assertEquals(times(30, 70), clock.activity().times());
    clock.endStep();
    clock.beginEvaluation(2);
    assertEquals(millis(2_010), clock.activity().usualNanos());
  }

  @Test
  void shouldForgetStepsThatAreLongAgo() {
    step(1, 9_000, 0);
    for (int step = 2; step <= 11; step++) {
      step(step, 10 * step, 5);
    }
    clock.beginStep(12);
    assertEquals(times(65, 5), clock.activity().times());
    assertEquals(millis(110), clock.activity().usualNanos());
  }

  @Test
  void shouldNotCountAStepThatWasBroken() {
    step(1, 30, 70);
    clock.beginStep(2);
    pass(4_000);
    clock.leave();
    assertEquals(State.OTHER, clock.activity().state());
    clock.beginStep(1);
    assertEquals(times(30, 70), clock.activity().times());
  }

  @Test
  void shouldSayForHowLongNothingHappened() {
    clock.beginStep(1);
    pass(300);
    assertEquals(activity(State.COMPUTING, 300), clock.activity());
    clock.waits();
    pass(200);
    assertEquals(activity(State.WAITING, 200), clock.activity());
    clock.moved();
    pass(50);
    assertEquals(activity(State.WAITING, 50), clock.activity());
    clock.goesOn();
    pass(20);
    assertEquals(activity(State.COMPUTING, 20), clock.activity());
    assertEquals("computing step 1 for 0.0 s", clock.activity().sentence());
  }

  @Test
  void shouldGoOnWithWhatWasBeforeTheWait() {
    clock.waits();
    assertEquals(State.WAITING, clock.activity().state());
    clock.goesOn();
    assertEquals(State.OTHER, clock.activity().state());
  }

  @Test
  void shouldSplitAStepIntoPhases() {
    clock.beginStep(1);
    clock.enterPhase(TimedPhase.OPTIMIZER);
    pass(900);
    clock.beginStep(2);
    pass(1);
    clock.enterPhase(TimedPhase.FORWARD);
    pass(10);
    waitFor(100);
    pass(20);
    clock.enterPhase(TimedPhase.BACKWARD);
    pass(40);
    clock.enterPhase(TimedPhase.COMMUNICATION);
    pass(3);
    waitFor(200);
    clock.enterPhase(TimedPhase.OPTIMIZER);
    pass(5);
    PhaseTimes times = clock.phaseTimes();
    assertEquals(
        Map.of(
            TimedPhase.DATA, millis(1),
            TimedPhase.FORWARD, millis(30),
            TimedPhase.BACKWARD, millis(40),
            TimedPhase.COMMUNICATION, millis(303),
            TimedPhase.OPTIMIZER, millis(5)),
        times.nanos());
    assertEquals(millis(379), times.totalNanos());
  }

  private void step(long step, long computeMillis, long waitMillis) {
    clock.beginStep(step);
    pass(computeMillis);
    waitFor(waitMillis);
    clock.endStep();
  }

  private void waitFor(long millis) {
    clock.waits();
    pass(millis);
    clock.goesOn();
  }

  private void pass(long millis) {
    ticker.pass(Duration.ofMillis(millis));
  }

  private static long millis(long number) {
    return Duration.ofMillis(number).toNanos();
  }

  private static StepTimes times(long computeMillis, long waitMillis) {
    return new StepTimes(millis(computeMillis), millis(waitMillis));
  }

  private static Activity activity(State state, long quietMillis) {
    return new Activity(state, Work.STEP, 1, millis(quietMillis), 0, StepTimes.NONE);
  }
}
