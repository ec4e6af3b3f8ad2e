package dev.megalodon.operator.plan;

import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.status.ConditionType;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Time that a job spends in a queue is like time suspended: it counts towards no deadline. */
final class QueueTime {
  /** Cause of a loss that makes room for another job. */
  static final String PREEMPTED = "Preempted";

  private QueueTime() {}

  /** Whether the job may run: it has no queue, or its queue let a worker in. */
  static boolean isAdmitted(Pass pass) {
    return !pass.groups.hasQueue() || currentPods(pass).stream().anyMatch(pod -> !pod.isQueued());
  }

  /**
   * A job that was preempted and is back in its queue rests. One whose workers all failed passes
   * the queue too, but keeps its quota and its deadlines.
   */
  static void account(Pass pass) {
    List<WorkerPod> pods = currentPods(pass);
    boolean waits = !pods.isEmpty() && pods.stream().allMatch(WorkerPod::isQueued);
    boolean preempted =
        pass.conditions()
            .get(ConditionType.RESTARTING)
            .filter(condition -> condition.reason().equals(PREEMPTED))
            .isPresent();
    if (waits && preempted) {
      Outages.rest(pass);
    }
  }

  private static List<WorkerPod> currentPods(Pass pass) {
    return IntStream.range(0, pass.worldSize())
        .mapToObj(pass::currentPod)
        .flatMap(Optional::stream)
        .toList();
  }
}
