package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.operator.observe.Snapshot;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.status.Conditions;
import dev.megalodon.operator.status.StatusDraft;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One planning pass: what is known, and what has been decided so far. Lives for one call. */
final class Pass {
  final Snapshot snapshot;
  final Instant now;
  final Limits limits;
  final StatusDraft status;
  final PodGroups groups;
  private final List<Action> first = new ArrayList<>();
  private final List<Plan.CreatePod> create = new ArrayList<>();
  private final List<Action> then = new ArrayList<>();
  private Optional<Instant> wakeAt = Optional.empty();

  Pass(Snapshot snapshot, Instant now, Limits limits) {
    this.snapshot = snapshot;
    this.now = now;
    this.limits = limits;
    this.status = new StatusDraft(snapshot.status(), now, snapshot.generation());
    this.groups = new PodGroups(snapshot, status);
  }

  MegalodonTrainingJobSpec spec() {
    return snapshot.spec();
  }

  /** Ranks that train together, or are about to; not always what the spec says by now. */
  int worldSize() {
    return status.worldSize().orElse(snapshot.spec().parallelism().worldSize());
  }

  Conditions conditions() {
    return status.conditions();
  }

  /** To be accepted before the status is written. */
  void first(Action action) {
    first.add(action);
  }

  /**
   * To be created once the status is written. A pod that waits for a queue, a scheduling gate or a
   * scheduler that nobody runs gives no sign of its own that it does, so it is looked at again.
   */
  void create(int rank, long incarnation, int worldSize) {
    Optional<String> group = groups.joinedBy(incarnation);
    create.add(new Plan.CreatePod(rank, incarnation, worldSize, group));
    wakeAt(groups.hasQueue() ? now : now.plus(Snapshot.SILENCE));
  }

  /** To be done once the status is written. */
  void then(Action action) {
    then.add(action);
  }

  /** Look again at this time at the latest. */
  void wakeAt(Instant time) {
    wakeAt = Optional.of(wakeAt.filter(time::isAfter).orElse(time));
  }

  /** Whether a time limit that began then is over; if not, the pass is repeated when it is. */
  boolean isOver(Instant began, Duration limit) {
    Instant end = began.plus(limit);
    boolean over = !now.isBefore(end);
    if (!over) {
      wakeAt(end);
    }
    return over;
  }

  /** The pod that a rank has now, if it exists. */
  Optional<WorkerPod> currentPod(int rank) {
    return status.rank(rank).flatMap(this::podOf);
  }

  Optional<WorkerPod> podOf(RankStatus rank) {
    return snapshot.pod(rank.rank(), rank.incarnation());
  }

  List<WorkerPod> livePods() {
    return snapshot.pods().stream().filter(WorkerPod::isLive).toList();
  }

  /** A pod whose worker was found to keep others waiting: nobody waits for it any more. */
  boolean isGivenUp(WorkerPod pod) {
    return status.attempts().stream()
        .filter(loss -> loss.incarnation() == pod.incarnation())
        .anyMatch(loss -> loss.cause().equals(WorkerPod.STALLED));
  }

  /**
   * Live pods of a rank that are not its current one and may still be on their way out. One that a
   * queue counts is waited for until it is declared dead: Kueue would end its successor as excess.
   */
  List<WorkerPod> leavers(int rank) {
    return livePods().stream()
        .filter(pod -> pod.rank() == rank)
        .filter(pod -> pod.isHeld() || !isLost(pod) && !isGivenUp(pod))
        .filter(pod -> currentPod(rank).filter(pod::equals).isEmpty() || pod.isDeleting())
        .toList();
  }

  int readyPods() {
    return (int) snapshot.pods().stream().filter(WorkerPod::isReady).count();
  }

  /**
   * A pod that may still run and will never say that it does not: its node is silent, and nobody
   * hears of its worker either, or has been for so long that whatever runs there is beyond
   * Kubernetes' reach; or its grace period is long over.
   */
  boolean isLost(WorkerPod pod) {
    if (!pod.mayRun()) {
      return false;
    }
    return isUnreachableFor(pod, limits.nodeLost()) && !StallFinder.isHeardOf(this, pod)
        || isUnreachableFor(pod, limits.nodeAway())
        || isStuck(pod);
  }

  /** An operator that just started, as after an API outage, has had no time to hear of workers. */
  private boolean isUnreachableFor(WorkerPod pod, Duration limit) {
    Instant known = snapshot.knownSince();
    return pod.unreachableSince()
        .map(since -> since.isAfter(known) ? since : known)
        .filter(since -> isOver(since, limit))
        .isPresent();
  }

  /** A pod that should be gone by now. */
  boolean isStuck(WorkerPod pod) {
    return pod.terminationDue().filter(due -> isOver(due, limits.stuckTerminating())).isPresent();
  }

  Plan toPlan() {
    MegalodonTrainingJobStatus before = snapshot.status();
    MegalodonTrainingJobStatus after = status.build();
    Optional<MegalodonTrainingJobStatus> changed =
        Optional.of(after)
            .filter(status -> !status.equals(before) && isDue(before, status))
            .map(due -> withGoodput());
    var notices = changed.map(status -> Narrator.tell(before, status)).orElse(List.of());
    return new Plan(first, changed, create, then, notices, wakeAt);
  }

  /** Goodput changes with every second: it goes along with what is written anyway. */
  private MegalodonTrainingJobStatus withGoodput() {
    Outages.goodput(this).ifPresent(status::goodput);
    return status.build();
  }

  /** The plan of a job whose status is final: it is not touched again. */
  Plan toCleanUp() {
    return new Plan(first, Optional.empty(), create, then, List.of(), wakeAt);
  }

  /** Progress alone is written when it is due; everything else at once. */
  private boolean isDue(MegalodonTrainingJobStatus before, MegalodonTrainingJobStatus after) {
    return !isOnlyProgress(before, after)
        || snapshot.progressDue().map(due -> isOver(due, Duration.ZERO)).orElse(true);
  }

  private boolean isOnlyProgress(
      MegalodonTrainingJobStatus before, MegalodonTrainingJobStatus after) {
    return new StatusDraft(after, now, snapshot.generation())
        .withProgressOf(before)
        .build()
        .equals(before);
  }
}
