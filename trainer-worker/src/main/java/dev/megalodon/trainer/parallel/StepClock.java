package dev.megalodon.trainer.parallel;

import dev.megalodon.trainer.parallel.Activity.State;
import dev.megalodon.trainer.parallel.Activity.Work;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Tells computing from waiting. The thread that trains says what it begins and ends, {@link
 * PeerWatch} when it waits; any thread may ask what it does.
 *
 * <p>A step lasts until the next one begins: what a rank waits for between them, to agree on a
 * checkpoint say, is counted as waiting, what it does between them itself is not counted. The time
 * of evaluations is in no step.
 */
public final class StepClock {
  private static final int REMEMBERED_STEPS = 10;

  private final Ticker ticker;
  private final Deque<StepTimes> lastSteps = new ArrayDeque<>(); // the training thread's alone
  private final PhaseTimer phases;
  private StepTimes current = StepTimes.NONE;
  private long evaluationNanos;
  private long lastEvaluationNanos;
  private boolean stepEnded;
  private volatile Moment moment;
  private volatile long movedAt;

  /** What any thread may see, replaced as a whole. */
  private record Moment(
      State state, Work work, long step, long since, long usualNanos, StepTimes times) {}

  /** A clock before the first step. */
  public StepClock(Ticker ticker) {
    this.ticker = ticker;
    this.phases = new PhaseTimer(ticker);
    this.movedAt = ticker.nanos();
    this.moment = new Moment(State.OTHER, Work.OTHER, 0, movedAt, 0, StepTimes.NONE);
  }

  /** A step begins; counted from 1. */
  public void beginStep(long step) {
    credit();
    if (stepEnded) {
      remember(current);
    }
    current = StepTimes.NONE;
    stepEnded = false;
    enter(State.COMPUTING, Work.STEP, step);
    phases.begin();
  }

  /** Within a step: what is done from now on is for this. A step begins with its data. */
  public void enterPhase(TimedPhase phase) {
    phases.enter(phase);
  }

  /** What the time since the step began went into; for the training thread. */
  public PhaseTimes phaseTimes() {
    return phases.times();
  }

  /** The computing of the step has ended. */
  public void endStep() {
    credit();
    stepEnded = true;
    enter(State.OTHER, Work.OTHER, moment.step());
  }

  /** An evaluation after a step begins. */
  public void beginEvaluation(long step) {
    credit();
    evaluationNanos = 0;
    enter(State.COMPUTING, Work.EVALUATION, step);
  }

  /** The evaluation has ended. */
  public void endEvaluation() {
    credit();
    lastEvaluationNanos = evaluationNanos;
    enter(State.OTHER, Work.OTHER, moment.step());
  }

  /** The epoch is over, in the middle of whatever this was; an unfinished step does not count. */
  public void leave() {
    current = StepTimes.NONE;
    stepEnded = false;
    enter(State.OTHER, Work.OTHER, moment.step());
  }

  /** What the training thread does now; any thread may ask. */
  public Activity activity() {
    Moment seen = moment;
    long quietSince =
        seen.state() == State.WAITING ? Math.max(seen.since(), movedAt) : seen.since();
    // Another thread may have moved on between two looks: never less than nothing.
    long quiet = Math.max(0, ticker.nanos() - quietSince);
    return new Activity(
        seen.state(), seen.work(), seen.step(), quiet, seen.usualNanos(), seen.times());
  }

  /** The training thread waits for its peers from now on. */
  void waits() {
    credit();
    enter(State.WAITING, moment.work(), moment.step());
    phases.waiting(true);
  }

  /** A message went or came. */
  void moved() {
    movedAt = ticker.nanos();
  }

  /** The training thread goes on with what it did before it waited. */
  void goesOn() {
    credit();
    phases.waiting(false);
    Work work = moment.work();
    enter(work == Work.OTHER ? State.OTHER : State.COMPUTING, work, moment.step());
  }

  private void remember(StepTimes step) {
    if (lastSteps.size() == REMEMBERED_STEPS) {
      lastSteps.removeFirst();
    }
    lastSteps.addLast(step);
  }

  /** Books the time since the last change on what was done. */
  private void credit() {
    long nanos = ticker.nanos() - moment.since();
    switch (moment.state()) {
      case OTHER -> {}
      case COMPUTING -> compute(nanos);
      case WAITING -> {
        if (moment.work() != Work.EVALUATION) {
          current = current.plus(new StepTimes(0, nanos));
        }
      }
    }
  }

  private void compute(long nanos) {
    if (moment.work() == Work.EVALUATION) {
      evaluationNanos += nanos;
    } else {
      current = current.plus(new StepTimes(nanos, 0));
    }
  }

  private void enter(State state, Work work, long step) {
    moment = new Moment(state, work, step, ticker.nanos(), usual(work), mean());
  }

  private long usual(Work work) {
    return switch (work) {
      case OTHER -> 0;
      case STEP -> lastSteps.stream().mapToLong(StepTimes::computeNanos).max().orElse(0);
      case EVALUATION -> lastEvaluationNanos;
    };
  }

  private StepTimes mean() {
    return lastSteps.isEmpty()
        ? StepTimes.NONE
        : lastSteps.stream().reduce(StepTimes.NONE, StepTimes::plus).dividedBy(lastSteps.size());
  }
}
