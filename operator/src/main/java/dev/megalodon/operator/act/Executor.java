package dev.megalodon.operator.act;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.observe.Blocker;
import dev.megalodon.operator.observe.Snapshot;
import dev.megalodon.operator.plan.Action;
import dev.megalodon.operator.plan.Limits;
import dev.megalodon.operator.plan.Plan;
import dev.megalodon.operator.plan.Refusals;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Carries out a plan in the order that makes it safe to be killed anywhere. */
public final class Executor {
  private final Limits limits;

  /** An executor with these limits. */
  public Executor(Limits limits) {
    this.limits = limits;
  }

  /**
   * What came of a plan.
   *
   * @param written the status as it is now, if it was written
   * @param refused pods the API server would not have, by rank
   */
  public record Result(
      Optional<MegalodonTrainingJobStatus> written, Map<Integer, Blocker> refused) {}

  /**
   * Carries out a plan; throws at the first write that fails, leaving the rest to the next pass.
   */
  public Result execute(Snapshot snapshot, Plan plan, ClusterWriter cluster, Instant now) {
    plan.first().forEach(action -> perform(action, cluster));
    plan.status().ifPresent(cluster::writeStatus);
    plan.notices().forEach(cluster::tell);
    if (plan.createsPods()) {
      cluster.ensureShared();
    }
    Map<Integer, Blocker> refused = new TreeMap<>();
    for (Action action : plan.then()) {
      if (action instanceof Action.CreatePod pod) {
        cluster
            .createPod(pod.rank(), pod.incarnation())
            .ifPresent(why -> refused.put(pod.rank(), why));
      } else {
        perform(action, cluster);
      }
    }
    if (refused.isEmpty()) {
      return new Result(plan.status(), refused);
    }
    MegalodonTrainingJobStatus status =
        Refusals.apply(snapshot, plan.status().orElse(snapshot.status()), refused, now, limits);
    cluster.writeStatus(status);
    return new Result(Optional.of(status), refused);
  }

  private static void perform(Action action, ClusterWriter cluster) {
    switch (action) {
      case Action.CreatePod pod -> cluster.createPod(pod.rank(), pod.incarnation());
      case Action.DeletePod pod -> cluster.deletePod(pod.pod(), pod.why());
      case Action.RemoveLostPod pod -> cluster.removeLostPod(pod.pod(), pod.why());
      case Action.DeleteJob job -> cluster.deleteJob(job.why());
    }
  }
}
