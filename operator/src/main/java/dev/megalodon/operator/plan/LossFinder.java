package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.operator.observe.Termination;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.plan.Loss.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Finds the workers that are no more. Looks at what exists now and at which incarnation each rank
 * was given, never at what changed: a worker that died while nobody watched is found the same way.
 */
final class LossFinder {
  private LossFinder() {}

  static List<Loss> find(Pass pass) {
    List<Loss> losses =
        IntStream.range(0, pass.worldSize())
            .mapToObj(pass.status::rank)
            .flatMap(Optional::stream)
            .filter(rank -> rank.nextStart() == null)
            .map(rank -> loss(pass, rank))
            .flatMap(Optional::stream)
            .map(loss -> loss.endedAt(ended(pass, loss)))
            .toList();
    return Budget.chargeOnce(pass, withFinishedPeers(pass, losses));
  }

  /** What became of the pod that a rank was given, if it is no more. */
  static Optional<Loss> loss(Pass pass, RankStatus rank) {
    Optional<WorkerPod> pod = pass.podOf(rank);
    if (pod.isEmpty()) {
      return Optional.of(absent(rank));
    }
    return switch (pod.get().life()) {
      case FAILED -> Optional.of(PodFailure.explain(pod.get(), pass.limits));
      case PENDING, RUNNING -> living(pass, pod.get());
      case SUCCEEDED -> finishedAlone(pass, pod.get());
    };
  }

  /** By the kubelet's clock, else by what the peers say, else by the node's last sign of life. */
  private static Optional<Instant> ended(Pass pass, Loss loss) {
    Optional<WorkerPod> pod = pass.snapshot.pod(loss.rank(), loss.incarnation());
    return pod.flatMap(WorkerPod::termination)
        .flatMap(Termination::finishedAt)
        .or(() -> StallFinder.missingSince(pass, loss.rank(), loss.incarnation()))
        .or(() -> pod.flatMap(WorkerPod::unreachableSince))
        .filter(end -> !end.isAfter(pass.now));
  }

  private static Loss absent(RankStatus rank) {
    boolean seen = rank.pod() != null;
    return new Loss(
        rank.rank(),
        rank.incarnation(),
        "Deleted",
        seen ? "pod " + rank.pod() + " is gone" : "",
        Optional.empty(),
        seen ? Verdict.UNCHARGED : Verdict.UNSEEN);
  }

  /** A pod on its way out is booked at once, while its reason can still be read. */
  private static Optional<Loss> living(Pass pass, WorkerPod pod) {
    Optional<Loss> loss =
        pass.isLost(pod)
            ? Optional.of(PodFailure.nodeLost(pod))
            : Optional.of(pod)
                .filter(WorkerPod::isDeleting)
                .map(PodFailure::leaving)
                .or(() -> StallFinder.find(pass, pod))
                .or(() -> leftBehind(pass, pod));
    return loss.map(found -> found.withHealth(isHealthy(pass, pod)));
  }

  private static Optional<Loss> leftBehind(Pass pass, WorkerPod pod) {
    return Optional.of(pod)
        .filter(pass.groups::isLeftBehind)
        .map(
            left ->
                new Loss(
                    left.rank(),
                    left.incarnation(),
                    "Regrouped",
                    "all workers have to be admitted by their queue together, anew",
                    Optional.empty(),
                    Verdict.UNCHARGED));
  }

  private static boolean isHealthy(Pass pass, WorkerPod pod) {
    return pod.startedAt()
        .filter(start -> !pass.now.isBefore(start.plus(pass.limits.healthy())))
        .isPresent();
  }

  /** Rank 0 cannot finish without the others: who left before it did for long must come back. */
  private static Optional<Loss> finishedAlone(Pass pass, WorkerPod pod) {
    boolean lastWord = pod.rank() == 0;
    return Optional.of(pod)
        .filter(done -> !lastWord)
        .flatMap(WorkerPod::termination)
        .flatMap(end -> end.finishedAt())
        .filter(finished -> pass.isOver(finished, pass.limits.healthy()))
        .map(finished -> returning(pod));
  }

  private static Loss returning(WorkerPod pod) {
    return new Loss(
            pod.rank(),
            pod.incarnation(),
            "FinishedAlone",
            "finished, but rank 0 did not",
            Optional.of(0),
            Verdict.UNCHARGED)
        .withHealth(true);
  }

  /** If rank 0 has to come back, so must those that are done: it needs a full roster. */
  private static List<Loss> withFinishedPeers(Pass pass, List<Loss> losses) {
    if (losses.stream().noneMatch(loss -> loss.rank() == 0)) {
      return losses;
    }
    List<Loss> all = new ArrayList<>(losses);
    IntStream.range(1, pass.worldSize())
        .filter(rank -> losses.stream().noneMatch(loss -> loss.rank() == rank))
        .mapToObj(pass::currentPod)
        .flatMap(Optional::stream)
        .filter(pod -> pod.life() == WorkerPod.Life.SUCCEEDED)
        .forEach(pod -> all.add(returning(pod)));
    return all;
  }
}
