package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.CleanPodPolicy;
import dev.megalodon.operator.observe.WorkerPod;
import java.util.Comparator;
import java.util.List;

/** Pods that no rank counts as its own any more. */
final class Leftovers {
  private Leftovers() {}

  /** Ends those that live and keeps the newest of the dead for their logs. */
  static void plan(Pass pass) {
    List<WorkerPod> superseded =
        pass.snapshot.pods().stream().filter(pod -> !isCurrent(pass, pod)).toList();
    superseded.stream()
        .filter(pod -> pod.mayRun() && !pod.isOnlyHeld())
        .forEach(pod -> end(pass, pod));
    superseded.stream()
        .filter(pod -> !pod.mayRun() && !pod.isDeleting())
        .sorted(Comparator.comparingLong(WorkerPod::incarnation).reversed())
        .skip(kept(pass))
        .forEach(pod -> pass.then(new Action.DeletePod(pod.name(), "an old failed pod")));
  }

  private static boolean isCurrent(Pass pass, WorkerPod pod) {
    return pass.status
        .rank(pod.rank())
        .filter(rank -> rank.incarnation() == pod.incarnation())
        .isPresent();
  }

  private static void end(Pass pass, WorkerPod pod) {
    if (pass.isLost(pod)) {
      pass.then(new Action.RemoveLostPod(pod.name(), PodFailure.nodeLost(pod).message()));
    } else if (pod.isLive() && pass.isGivenUp(pod)) {
      pass.then(new Action.RemoveStalledPod(pod.name(), "its peers wait for it"));
    } else if (!pod.isDeleting()) {
      pass.then(new Action.DeletePod(pod.name(), "superseded by a newer incarnation"));
    }
  }

  private static long kept(Pass pass) {
    CleanPodPolicy policy = pass.spec().cleanPodPolicy();
    return switch (policy) {
      case NONE -> Long.MAX_VALUE;
      case RUNNING -> pass.limits.keptFailedPods();
      case ALL -> 0;
    };
  }
}
