package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.operator.naming.Labels;
import dev.megalodon.operator.observe.ObservedProgress;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.status.ConditionType;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says in conditions, phase and counts how an active job is. */
final class JobState {
  /** Workers that cannot be asked count as training once they were ready for this long. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private JobState() {}

  static void describe(Pass pass) {
    Readiness readiness = Readiness.of(pass);
    pass.status.workers(readiness.desired(), readiness.ready());
    pass.status.selector(selector(pass));
    pass.conditions()
        .set(ConditionType.PODS_READY, readiness.all(), readiness.reason(), readiness.message());
    describeRunning(pass, readiness);
    pass.status.phase(phase(pass));
  }

  private static String selector(Pass pass) {
    return Labels.selector(pass.snapshot.job()).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(label -> label.getKey() + "=" + label.getValue())
        .collect(Collectors.joining(","));
  }

  /**
   * Running begins when all are ready and make steps, and ends only with a lost worker: a pod that
   * misses a probe goes on training.
   */
  private static void describeRunning(Pass pass, Readiness readiness) {
    if (pass.conditions().holds(ConditionType.RUNNING)) {
      return;
    }
    if (readiness.since().filter(since -> makesSteps(pass, since)).isEmpty()) {
      String reason = readiness.all() ? "Starting" : readiness.reason();
      String why = readiness.all() ? "workers meet and load" : readiness.message();
      pass.conditions().set(ConditionType.RUNNING, false, reason, why);
      return;
    }
    pass.conditions().set(ConditionType.RUNNING, true, "Training", "steps are being made");
    pass.conditions().setIfKnown(ConditionType.RESTARTING, false, "Recovered", "training goes on");
    pass.conditions().setIfKnown(ConditionType.STALLED, false, "Recovered", "training goes on");
    Recoveries.enter(pass);
    Budget.recovered(pass);
  }

  private static boolean makesSteps(Pass pass, Instant allReadySince) {
    Optional<ObservedProgress> fresh =
        ProgressFold.current(pass).filter(observed -> !observed.at().isBefore(allReadySince));
    return fresh
        .map(ObservedProgress::progress)
        .map(answer -> ProgressFold.makesSteps(answer) && !Recoveries.awaitsFirstStep(pass, answer))
        .orElseGet(() -> pass.isOver(allReadySince, SILENCE));
  }

  private static JobPhase phase(Pass pass) {
    if (pass.conditions().holds(ConditionType.RUNNING)) {
      return JobPhase.RUNNING;
    }
    if (pass.conditions().holds(ConditionType.RESTARTING)) {
      return JobPhase.RESTARTING;
    }
    boolean nothing = pass.snapshot.pods().stream().allMatch(WorkerPod::isQueued);
    return nothing ? JobPhase.PENDING : JobPhase.STARTING;
  }
}
