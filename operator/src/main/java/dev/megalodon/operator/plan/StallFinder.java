package dev.megalodon.operator.plan;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.operator.observe.ObservedProgress;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.plan.Loss.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds workers that live and keep all others waiting, in the others' words. Only what they said
 * just now counts: a rank that was missing a while ago may have joined since.
 */
final class StallFinder {
  private StallFinder() {}

  /** The loss of a pod whose worker is frozen, cut off, stuck, or never comes. */
  static Optional<Loss> find(Pass pass, WorkerPod pod) {
    boolean stays = pod.life() == WorkerPod.Life.RUNNING && !pod.isDeleting();
    // A node that does not answer explains it all, once it has been silent for long enough.
    if (!stays || pod.unreachableSince().isPresent()) {
      return Optional.empty();
    }
    return absence(pass, pod.rank())
        .filter(absent -> absent.cause() != AbsentRank.Cause.LEFT)
        .filter(absent -> isPatienceOver(pass, pod, absent))
        .map(absent -> loss(pod, absent));
  }

  /** Since when the peers miss one incarnation of a rank, if they said so just now. */
  static Optional<Instant> missingSince(Pass pass, int rank, long incarnation) {
    return absence(pass, rank)
        .filter(absent -> absent.incarnation() == incarnation)
        .flatMap(absent -> fresh(pass).map(answer -> answer.at().minusMillis(millis(absent))));
  }

  /**
   * Whether a worker was heard of just now: it answered, or rank 0 did and does not miss it. A node
   * may look dead to the cluster and be well, after the API server was away for example.
   */
  static boolean isHeardOf(Pass pass, WorkerPod pod) {
    Optional<ObservedProgress> fresh =
        fresh(pass).filter(answer -> pod.life() == WorkerPod.Life.RUNNING);
    // Nothing tells that the next answer does not come.
    fresh.ifPresent(answer -> pass.wakeAt(answer.at().plus(pass.limits.freshAnswer())));
    return fresh
        .map(ObservedProgress::progress)
        .filter(answer -> answers(answer, pod) || isCounted(answer, pod))
        .isPresent();
  }

  private static boolean answers(Progress answer, WorkerPod pod) {
    return answer.rank() == pod.rank() && answer.incarnation() == pod.incarnation();
  }

  /** Rank 0 knows of all others once it has met them. */
  private static boolean isCounted(Progress answer, WorkerPod pod) {
    return answer.rank() == 0
        && pod.rank() != 0
        && answer.phase() != Progress.Phase.STARTING
        && answer.absent().stream().noneMatch(absent -> absent.rank() == pod.rank());
  }

  /** The reason of a condition: {@code NEVER_JOINED} becomes {@code NeverJoined}. */
  static String word(AbsentRank absent) {
    return Words.camelCase(absent.cause().name());
  }

  private static Optional<AbsentRank> absence(Pass pass, int rank) {
    return fresh(pass).stream()
        .flatMap(answer -> answer.progress().absent().stream())
        .filter(absent -> absent.rank() == rank)
        .findFirst();
  }

  private static Optional<ObservedProgress> fresh(Pass pass) {
    return ProgressFold.current(pass)
        .filter(answer -> !pass.now.isAfter(answer.at().plus(pass.limits.freshAnswer())));
  }

  /** A process that once was a member has seconds; one that has yet to join has minutes. */
  private static boolean isPatienceOver(Pass pass, WorkerPod pod, AbsentRank absent) {
    boolean wasMember =
        absent.incarnation() == pod.incarnation()
            && absent.cause() != AbsentRank.Cause.NEVER_JOINED;
    Duration patience = wasMember ? pass.limits.stalled() : pass.limits.join();
    boolean ranLongEnough =
        pod.startedAt().filter(start -> pass.isOver(start, patience)).isPresent();
    return ranLongEnough
        && absent.incarnation() <= pod.incarnation()
        && (!wasMember || millis(absent) >= patience.toMillis());
  }

  private static Loss loss(WorkerPod pod, AbsentRank absent) {
    String message = "%s (%s)".formatted(sentence(absent.reason(), pod), word(absent));
    return new Loss(
            pod.rank(),
            pod.incarnation(),
            WorkerPod.STALLED,
            message,
            Optional.empty(),
            Verdict.CHARGED)
        .as(absent);
  }

  private static String sentence(@Nullable String reason, WorkerPod pod) {
    return reason == null || reason.isBlank() ? "the others wait for rank " + pod.rank() : reason;
  }

  private static long millis(AbsentRank absent) {
    return Math.round(1000 * absent.seconds());
  }
}
