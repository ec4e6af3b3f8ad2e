package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.status.ConditionType;
import java.util.List;
import java.util.Optional;

/** Brings a job to rest: workers save and leave within their grace period, nothing is charged. */
final class Suspension {
  /** Cause of the attempt that a suspension is. */
  static final String CAUSE = "Suspended";

  private Suspension() {}

  static void plan(Pass pass) {
    List<WorkerPod> live = pass.livePods();
    String why = "spec.suspend is true";
    Outages.announced(pass, CAUSE, why);
    pass.status.stragglers(List.of());
    live.forEach(pod -> stop(pass, pod));
    pass.groups.tidy(pass, Optional.empty());
    pass.status.workers(0, pass.readyPods());
    pass.conditions().set(ConditionType.PODS_READY, false, "Suspended", why);
    pass.conditions().set(ConditionType.RUNNING, false, "Suspended", why);
    pass.conditions().setIfKnown(ConditionType.RESTARTING, false, "Suspended", why);
    pass.conditions().setIfKnown(ConditionType.STALLED, false, "Suspended", why);
    pass.conditions().setIfKnown(ConditionType.RESIZING, false, "Suspended", why);
    if (live.isEmpty()) {
      atRest(pass);
    } else {
      pass.conditions()
          .set(
              ConditionType.SUSPENDED,
              false,
              "Suspending",
              live.size() + " workers have yet to save and leave");
    }
  }

  private static void stop(Pass pass, WorkerPod pod) {
    if (pass.isStuck(pod)) {
      pass.then(new Action.RemoveLostPod(pod.name(), "its node did not end it"));
    } else if (!pod.isDeleting()) {
      pass.then(new Action.DeletePod(pod.name(), "the job is suspended"));
    }
  }

  private static void atRest(Pass pass) {
    pass.status.clearRanks();
    Outages.rest(pass);
    pass.status.phase(JobPhase.SUSPENDED);
    pass.conditions()
        .set(ConditionType.SUSPENDED, true, "Suspended", "spec.suspend is true; no worker runs");
    Leftovers.plan(pass);
  }
}
