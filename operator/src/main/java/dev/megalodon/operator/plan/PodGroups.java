package dev.megalodon.operator.plan;

import static java.util.stream.Collectors.groupingBy;

import dev.megalodon.crds.v1alpha1.SchedulingSpec;
import dev.megalodon.operator.naming.KueueNames;
import dev.megalodon.operator.observe.GroupMembership;
import dev.megalodon.operator.observe.Snapshot;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.observe.WorkerPod.Life;
import dev.megalodon.operator.status.StatusDraft;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The groups of pods that Kueue admits together. A job goes on in one for as long as it can: a pod
 * that replaces another takes over its share of the quota. Kueue keeps every dead pod until it is
 * replaced, so the group of a job that goes on always has a pod to be read from; and it keeps a
 * group until all its pods succeeded or one of them says that none will be replaced.
 */
final class PodGroups {
  private final Snapshot snapshot;
  private final StatusDraft status;
  private Optional<String> begun = Optional.empty();

  PodGroups(Snapshot snapshot, StatusDraft status) {
    this.snapshot = snapshot;
    this.status = status;
  }

  boolean hasQueue() {
    return Optional.ofNullable(snapshot.spec().scheduling())
        .map(SchedulingSpec::queueName)
        .isPresent();
  }

  /** The group that the job goes on in, if there is one. */
  Optional<String> open() {
    return begun.or(() -> hasQueue() ? newestOpen() : Optional.empty());
  }

  /** Group of a new pod: the one that the job goes on in, else one of its own. */
  Optional<String> joinedBy(long incarnation) {
    Optional<String> group = open();
    if (group.isEmpty() && hasQueue()) {
      begun = Optional.of(KueueNames.group(snapshot.job(), incarnation));
      return begun;
    }
    return group;
  }

  /** Whether a pod lives, or waits, in a group that the job does not go on in. */
  boolean isLeftBehind(WorkerPod pod) {
    return hasQueue()
        && pod.membership()
            .filter(member -> member.held() || pod.isQueued())
            .filter(member -> !open().equals(Optional.of(member.group())))
            .isPresent();
  }

  private Optional<String> newestOpen() {
    return byGroup().entrySet().stream()
        .filter(group -> isOpen(group.getValue()))
        .max(Comparator.comparing(group -> newest(group.getValue())))
        .map(Map.Entry::getKey);
  }

  /**
   * A group's size never changes: a job of another size goes on in another group. And Kueue wants
   * no successor of a pod that succeeded, so with one of those all begin anew.
   */
  private boolean isOpen(List<WorkerPod> group) {
    return group.stream().anyMatch(WorkerPod::isHeld)
        && group.stream().noneMatch(WorkerPod::endsGroup)
        && membership(group.getFirst()).size() == worldSize()
        && group.stream().noneMatch(pod -> pod.life() == Life.SUCCEEDED && isSuperseded(pod));
  }

  private int worldSize() {
    return status.worldSize().orElse(snapshot.spec().parallelism().worldSize());
  }

  private boolean isSuperseded(WorkerPod pod) {
    return status
        .rank(pod.rank())
        .filter(rank -> rank.incarnation() == pod.incarnation())
        .isEmpty();
  }

  /**
   * Lets go of what Kueue would keep for ever: groups that the job does not go on in, and deleted
   * pods that no kubelet will ever report dead.
   */
  void tidy(Pass pass, Optional<String> goesOn) {
    byGroup().entrySet().stream()
        .filter(group -> goesOn.filter(group.getKey()::equals).isEmpty())
        .forEach(group -> end(pass, group.getValue()));
    snapshot.pods().stream()
        .filter(pod -> pod.isHeld() && pod.isDeleting())
        .filter(WorkerPod::wasNeverPlaced)
        .forEach(pod -> pass.then(new Action.WithdrawPod(pod.name(), "deleted before it ran")));
  }

  private static void end(Pass pass, List<WorkerPod> group) {
    if (isDone(group)) {
      return;
    }
    group.stream()
        .filter(pod -> pod.isHeld() && !pod.endsGroup())
        .forEach(pod -> pass.then(new Action.EndGroup(pod.name(), "no pod joins it any more")));
  }

  /** Kueue sees by itself that all of them succeeded. */
  private static boolean isDone(List<WorkerPod> group) {
    long succeeded = group.stream().filter(pod -> pod.life() == Life.SUCCEEDED).count();
    return succeeded == membership(group.getFirst()).size();
  }

  private Map<String, List<WorkerPod>> byGroup() {
    return snapshot.pods().stream()
        .filter(pod -> pod.membership().isPresent())
        .collect(groupingBy(pod -> membership(pod).group()));
  }

  private static long newest(List<WorkerPod> pods) {
    return pods.stream().mapToLong(WorkerPod::incarnation).max().orElseThrow();
  }

  private static GroupMembership membership(WorkerPod pod) {
    return pod.membership().orElseThrow();
  }
}
