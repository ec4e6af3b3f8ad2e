package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.operator.status.ConditionType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Brings a job to another number of workers. Added workers start beside those that train. Once all
 * of them are ready, or at once if there are to be fewer, one status write gives every other rank
 * its next incarnation: the old workers save at the end of their step and leave, and the new ones
 * go on from there.
 */
final class Resize {
  /** Cause of the attempt that a resize is. */
  static final String CAUSE = "Resized";

  private Resize() {}

  static void plan(Pass pass) {
    int ranks = pass.worldSize();
    int wanted = pass.spec().parallelism().worldSize();
    pass.status.worldSize(ranks);
    pass.status.clearRanksFrom(Math.max(ranks, wanted));
    if (wanted < ranks) {
      switchWhenCalm(pass, wanted);
    } else if (wanted > ranks && pass.groups.hasQueue()) {
      // A queue admits a group whole or not at all: there is no adding to one.
      switchWhenCalm(pass, wanted);
    } else if (wanted > ranks) {
      grow(pass, ranks, wanted);
    }
  }

  /** Says that it is done, once steps are made in the number that is asked for. */
  static void settle(Pass pass) {
    int ranks = pass.worldSize();
    if (ranks == pass.spec().parallelism().worldSize()
        && pass.conditions().holds(ConditionType.RUNNING)) {
      pass.conditions()
          .setIfKnown(
              ConditionType.RESIZING, false, CAUSE, "training goes on with %d".formatted(ranks));
    }
  }

  private static void grow(Pass pass, int ranks, int wanted) {
    IntStream.range(ranks, wanted)
        .mapToObj(pass.status::rank)
        .flatMap(Optional::stream)
        .filter(rank -> rank.nextStart() == null)
        .forEach(rank -> replaceIfLost(pass, rank));
    IntStream.range(ranks, wanted).forEach(rank -> Workforce.tend(pass, rank, wanted));
    Readiness added = Readiness.of(pass, ranks, wanted);
    if (added.all()) {
      switchWhenCalm(pass, wanted);
    } else {
      boolean held = added.isBlocked() || added.isBackingOff();
      String reason = held ? "ResizeBlocked" : "WaitingForWorkers";
      describe(pass, reason, wanted, "of those that are added, " + added.message());
    }
  }

  /** Training does not need it yet, so its loss costs nothing but a wait. */
  private static void replaceIfLost(Pass pass, RankStatus rank) {
    LossFinder.loss(pass, rank).ifPresent(loss -> Losses.restart(pass, loss));
  }

  /**
   * While a lost rank comes back the others hold state that no checkpoint has: they are given the
   * time to hand it on, unless what they wait for may never come.
   */
  private static void switchWhenCalm(Pass pass, int wanted) {
    boolean comesBack =
        pass.conditions().holds(ConditionType.RESTARTING) && !Readiness.of(pass).isBlocked();
    if (comesBack) {
      describe(pass, "WaitingForRecovery", wanted, "a lost worker is being replaced first");
    } else {
      switchTo(pass, wanted);
    }
  }

  private static void switchTo(Pass pass, int wanted) {
    String what = change(pass, wanted);
    Outages.announced(pass, CAUSE, what);
    describe(pass, "Switching", wanted, "workers save and leave, others go on");
    pass.conditions().set(ConditionType.RUNNING, false, "Resizing", what);
    int staying = Math.min(pass.worldSize(), wanted);
    pass.status.stragglers(List.of());
    pass.status.worldSize(wanted);
    pass.status.clearRanksFrom(wanted);
    IntStream.range(0, staying).forEach(rank -> Losses.assign(pass, rank, 0, Duration.ZERO));
  }

  private static void describe(Pass pass, String reason, int wanted, String how) {
    pass.conditions().set(ConditionType.RESIZING, true, reason, change(pass, wanted) + ": " + how);
  }

  private static String change(Pass pass, int wanted) {
    return "from %d to %d workers".formatted(pass.worldSize(), wanted);
  }
}
