package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.CleanPodPolicy;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.status.Times;
import java.time.Duration;
import java.util.Optional;

/** A job that is over: cleans up until all is clean, and removes the job itself when it is time. */
final class Finished {
  private Finished() {}

  static Plan plan(Pass pass) {
    pass.snapshot.pods().forEach(pod -> cleanUp(pass, pod));
    pass.groups.tidy(pass, Optional.empty());
    expire(pass);
    return pass.toCleanUp();
  }

  private static void cleanUp(Pass pass, WorkerPod pod) {
    if (pod.isDeleting()) {
      if (pass.isStuck(pod) && !pod.isOnlyHeld()) {
        pass.then(new Action.RemoveLostPod(pod.name(), "its node did not end it"));
      }
    } else if (isUnwanted(pod, pass.spec().cleanPodPolicy())) {
      pass.then(
          pass.isGivenUp(pod)
              ? new Action.RemoveStalledPod(pod.name(), "its peers waited for it")
              : new Action.DeletePod(pod.name(), "the job is over"));
    }
  }

  private static boolean isUnwanted(WorkerPod pod, CleanPodPolicy policy) {
    return switch (policy) {
      case NONE -> false;
      case RUNNING -> pod.mayRun();
      case ALL -> true;
    };
  }

  private static void expire(Pass pass) {
    Long limit = pass.spec().ttlSecondsAfterFinished();
    Optional.ofNullable(limit)
        .flatMap(seconds -> Times.parse(pass.snapshot.status().completionTime()))
        .filter(finished -> pass.isOver(finished, Duration.ofSeconds(limit == null ? 0 : limit)))
        .ifPresent(
            finished -> pass.then(new Action.DeleteJob("finished " + limit + " s ago or longer")));
  }
}
