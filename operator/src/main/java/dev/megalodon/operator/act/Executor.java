package dev.megalodon.operator.act;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.observe.Blocker;
import dev.megalodon.operator.observe.Snapshot;
import dev.megalodon.operator.plan.Action;
import dev.megalodon.operator.plan.Limits;
import dev.megalodon.operator.plan.Narrator;
import dev.megalodon.operator.plan.Notice;
import dev.megalodon.operator.plan.Plan;
import dev.megalodon.operator.plan.Refusals;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
   * @param wakeAt when to look again even if nothing happens
   */
  public record Result(
      Optional<MegalodonTrainingJobStatus> written,
      Map<Integer, Blocker> refused,
      Optional<Instant> wakeAt) {}

  /**
   * Carries out a plan; throws at the first write that fails, leaving the rest to the next pass.
   */
  public Result execute(Snapshot snapshot, Plan plan, ClusterWriter cluster, Instant now) {
    plan.first().forEach(action -> perform(action, cluster));
    plan.status().ifPresent(cluster::writeStatus);
    plan.notices().forEach(cluster::tell);
    MegalodonTrainingJobStatus status = plan.status().orElse(snapshot.status());
    Map<Integer, Blocker> refused = createPods(plan, status, cluster);
    plan.then().forEach(action -> perform(action, cluster));
    return refused.isEmpty()
        ? new Result(plan.status(), refused, plan.wakeAt())
        : takeRefusal(snapshot, status, refused, plan.wakeAt(), cluster, now);
  }

  private static Map<Integer, Blocker> createPods(
      Plan plan, MegalodonTrainingJobStatus status, ClusterWriter cluster) {
    Map<Integer, Blocker> refused = new TreeMap<>();
    List<Plan.CreatePod> created = new ArrayList<>();
    Optional<Blocker> missing = plan.create().isEmpty() ? Optional.empty() : cluster.ensureShared();
    for (Plan.CreatePod pod : plan.create()) {
      missing
          .or(() -> cluster.createPod(pod))
          .ifPresentOrElse(why -> refused.put(pod.rank(), why), () -> created.add(pod));
    }
    Narrator.created(status, created).ifPresent(cluster::tell);
    return refused;
  }

  private Result takeRefusal(
      Snapshot snapshot,
      MegalodonTrainingJobStatus written,
      Map<Integer, Blocker> refused,
      Optional<Instant> wakeAt,
      ClusterWriter cluster,
      Instant now) {
    MegalodonTrainingJobStatus status = Refusals.apply(snapshot, written, refused, now, limits);
    cluster.writeStatus(status);
    if (snapshot.refusals().isEmpty()) {
      Blocker why = refused.values().iterator().next();
      cluster.tell(new Notice(true, why.reason(), why.message()));
    }
    Instant retry = now.plus(limits.refused());
    Instant next = wakeAt.filter(retry::isAfter).orElse(retry);
    return new Result(Optional.of(status), refused, Optional.of(next));
  }

  private static void perform(Action action, ClusterWriter cluster) {
    switch (action) {
      case Action.DeletePod pod -> cluster.deletePod(pod.pod(), pod.why());
      case Action.RemoveLostPod pod -> cluster.removeLostPod(pod.pod(), pod.why());
      case Action.RemoveStalledPod pod -> cluster.removeStalledPod(pod.pod(), pod.why());
      case Action.EndGroup pod -> cluster.endGroup(pod.pod(), pod.why());
      case Action.WithdrawPod pod -> cluster.withdrawPod(pod.pod(), pod.why());
      case Action.DeleteJob job -> cluster.deleteJob(job.why());
    }
  }
}
