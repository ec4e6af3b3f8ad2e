package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.status.ConditionType;
import dev.megalodon.operator.status.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Keeps one pod for each rank: starts what is missing, replaces what was lost, and only that. */
final class Workforce {
  private Workforce() {}

  static void plan(Pass pass, List<Loss> losses) {
    pass.conditions()
        .setIfKnown(ConditionType.SUSPENDED, false, "Resumed", "spec.suspend is false");
    losses.forEach(loss -> Losses.book(pass, loss));
    Resize.plan(pass);
    int ranks = pass.worldSize();
    IntStream.range(0, ranks).forEach(rank -> tend(pass, rank, ranks));
    Leftovers.plan(pass);
    pass.groups.tidy(pass, pass.groups.open());
    QueueTime.account(pass);
    CheckpointTrouble.describe(pass);
    Stragglers.describe(pass);
    JobState.describe(pass);
    Resize.settle(pass);
  }

  /** Keeps a pod for one rank of a number that train together. */
  static void tend(Pass pass, int rank, int worldSize) {
    if (pass.status.rank(rank).isEmpty()) {
      Losses.assign(pass, rank, 0, Duration.ZERO);
    }
    RankStatus assigned = pass.status.rank(rank).orElseThrow();
    Optional<WorkerPod> pod = pass.podOf(assigned);
    if (pod.isPresent()) {
      pass.status.rank(seen(assigned, pod.get()));
    } else if (isDue(pass, assigned)) {
      pass.status.rank(due(assigned));
      pass.create(rank, assigned.incarnation(), worldSize);
    }
  }

  private static boolean isDue(Pass pass, RankStatus rank) {
    Optional<Instant> start = Times.parse(rank.nextStart());
    boolean timeIsUp = start.map(time -> pass.isOver(time, Duration.ZERO)).orElse(true);
    return timeIsUp && pass.leavers(rank.rank()).isEmpty();
  }

  private static RankStatus seen(RankStatus rank, WorkerPod pod) {
    return new RankStatus(rank.rank(), rank.incarnation(), pod.name(), rank.failures(), null);
  }

  /** Without a time to wait for, the pod may exist: from here on its absence is a loss. */
  private static RankStatus due(RankStatus rank) {
    return new RankStatus(rank.rank(), rank.incarnation(), null, rank.failures(), null);
  }
}
