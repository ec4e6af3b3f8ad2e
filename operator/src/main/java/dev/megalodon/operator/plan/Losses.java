package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.operator.plan.Loss.Verdict;
import dev.megalodon.operator.status.Attempts;
import dev.megalodon.operator.status.ConditionType;
import dev.megalodon.operator.status.Times;
import java.time.Duration;
import java.util.Objects;

/**
 * Books losses. The charge, the attempt and the rank's next incarnation are one status write: a
 * loss is accounted for exactly when the rank's incarnation has moved past it.
 */
final class Losses {
  private Losses() {}

  /** Books a loss that the job survives. */
  static void book(Pass pass, Loss loss) {
    RankStatus before = pass.status.rank(loss.rank()).orElseThrow();
    if (loss.verdict() == Verdict.UNSEEN) {
      assign(pass, loss.rank(), failures(before), Duration.ZERO);
      return;
    }
    record(pass, loss);
    if (loss.verdict() == Verdict.CHARGED) {
      Budget.charge(pass);
    }
    loss.absence()
        .ifPresent(
            absent ->
                pass.conditions()
                    .set(ConditionType.STALLED, true, StallFinder.word(absent), loss.describe()));
    pass.conditions().set(ConditionType.RESTARTING, true, loss.cause(), loss.describe());
    pass.conditions().set(ConditionType.RUNNING, false, "WorkerLost", loss.describe());
    int failures = failuresAfter(before, loss);
    assign(pass, loss.rank(), failures, delay(pass, loss, failures));
  }

  /** Enters a loss into the attempts, and the outage that it is into the account of time. */
  static void record(Pass pass, Loss loss) {
    if (pass.status.startTime().isPresent()) {
      Outages.open(pass, loss.ended().orElse(pass.now));
    }
    pass.status.addAttempt(
        Attempts.booked(
            loss.rank(),
            loss.incarnation(),
            loss.cause(),
            loss.message(),
            loss.exitCode().orElse(null),
            loss.verdict() == Verdict.CHARGED,
            loss.ended(),
            pass.now));
  }

  /**
   * Gives a rank its next incarnation, to be started after a delay and not before the pod it has is
   * out of the way.
   */
  static void assign(Pass pass, int rank, int failures, Duration delay) {
    long incarnation = pass.status.nextIncarnation();
    pass.status.rank(new RankStatus(rank, incarnation, null, failures, null));
    // Only now the pod that the rank had is one that may be in the way.
    if (!delay.isZero() || !pass.leavers(rank).isEmpty()) {
      String nextStart = Times.millis(pass.now.plus(delay));
      pass.status.rank(new RankStatus(rank, incarnation, null, failures, nextStart));
    }
  }

  private static int failures(RankStatus rank) {
    return Objects.requireNonNullElse(rank.failures(), 0);
  }

  /** A disruption of a worker that did well is no failure at all. */
  private static int failuresAfter(RankStatus before, Loss loss) {
    if (loss.wasHealthy()) {
      return loss.verdict() == Verdict.CHARGED ? 1 : 0;
    }
    return failures(before) + 1;
  }

  /** A disrupted worker comes back at once; only if that goes on it waits like a failing one. */
  private static Duration delay(Pass pass, Loss loss, int failures) {
    int counted = loss.verdict() == Verdict.CHARGED ? failures : failures - 1;
    return Backoff.delay(
        pass.spec().failurePolicy().backoff(),
        counted,
        pass.snapshot.job(),
        loss.rank(),
        loss.incarnation());
  }
}
