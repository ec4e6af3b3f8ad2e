package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.operator.observe.Blocker;
import dev.megalodon.operator.observe.Snapshot;
import dev.megalodon.operator.status.ConditionType;
import dev.megalodon.operator.status.StatusDraft;
import dev.megalodon.operator.status.Times;
import java.time.Instant;
import java.util.Map;

/** What follows when the API server refuses pods: a quota, an admission rule. */
public final class Refusals {
  private Refusals() {}

  /**
   * Takes refusals into the status: those pods certainly do not exist, so their ranks keep their
   * incarnation and are tried again later.
   *
   * @param snapshot what the pass saw
   * @param written the status the pass wrote before it tried
   * @param refused the API server's words by rank, not empty
   */
  public static MegalodonTrainingJobStatus apply(
      Snapshot snapshot,
      MegalodonTrainingJobStatus written,
      Map<Integer, Blocker> refused,
      Instant now,
      Limits limits) {
    StatusDraft status = new StatusDraft(written, now, snapshot.generation());
    String nextStart = Times.millis(now.plus(limits.refused()));
    refused.forEach(
        (rank, why) -> {
          RankStatus before = status.rank(rank).orElseThrow();
          status.rank(
              new RankStatus(rank, before.incarnation(), null, before.failures(), nextStart));
        });
    var first = refused.entrySet().iterator().next();
    if (status.worldSize().filter(ranks -> first.getKey() >= ranks).isPresent()) {
      // Workers that are to be added: nobody waits for them.
      return status.build();
    }
    String message = "rank %d: %s".formatted(first.getKey(), first.getValue().message());
    String reason = first.getValue().reason();
    status.conditions().set(ConditionType.PODS_READY, false, reason, message);
    if (!status.conditions().holds(ConditionType.RUNNING)) {
      status.conditions().set(ConditionType.RUNNING, false, reason, message);
    }
    return status.build();
  }
}
