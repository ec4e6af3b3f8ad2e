package dev.megalodon.operator.testing;

import static java.util.stream.Collectors.groupingBy;

import dev.megalodon.operator.observe.GroupMembership;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.observe.WorkerPod.Life;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What Kueue's controller of pod groups does (v0.19.2, pkg/controller/jobs/pod), on paper: a group
 * is admitted when all its pods are there, ends what is too many, keeps dead pods until they are
 * replaced, and is finished when all its pods succeeded or none of them runs and one says so.
 */
public final class SimulatedKueue {
  private final SimulatedCluster cluster;
  private final Set<String> admitted = new HashSet<>();
  private final Set<String> finished = new HashSet<>();

  /** Whether there is quota. */
  public boolean hasQuota = true;

  /** Works on this cluster's pods. */
  public SimulatedKueue(SimulatedCluster cluster) {
    this.cluster = cluster;
  }

  /** Groups that hold quota. */
  public Set<String> admitted() {
    return Set.copyOf(admitted);
  }

  /** Groups that ended. */
  public Set<String> finished() {
    return Set.copyOf(finished);
  }

  /** Looks at every group once. */
  public void look() {
    cluster.pods().stream()
        .filter(pod -> pod.membership().isPresent())
        .collect(groupingBy(pod -> pod.membership().orElseThrow().group()))
        .forEach(this::look);
  }

  private void look(String group, List<WorkerPod> pods) {
    int size = pods.getFirst().membership().orElseThrow().size();
    List<WorkerPod> active = pods.stream().filter(SimulatedKueue::isActive).toList();
    List<WorkerPod> inactive = pods.stream().filter(pod -> !isActive(pod)).toList();
    if (finished.contains(group) || isFinished(pods, size)) {
      admitted.remove(group);
      finished.add(group);
      pods.forEach(this::letGo);
      return;
    }
    active.stream()
        .sorted(Comparator.comparing(WorkerPod::isQueued).thenComparing(WorkerPod::incarnation))
        .skip(size)
        .forEach(
            pod -> {
              throw new AssertionError(pod.name() + " is one too many in group " + group);
            });
    inactive.stream()
        .filter(WorkerPod::isHeld)
        .limit(
            Math.max(0, inactive.stream().filter(WorkerPod::isHeld).count() + active.size() - size))
        .forEach(this::letGo);
    if (hasQuota && active.size() == size) {
      admitted.add(group);
    }
    if (admitted.contains(group)) {
      active.stream()
          .filter(WorkerPod::isQueued)
          .forEach(pod -> cluster.put(new TestPods(pod).admitted().pod()));
    }
  }

  /** Takes the quota of all groups back: their pods are ended. */
  public void preempt() {
    admitted.clear();
    hasQuota = false;
    cluster.pods().stream()
        .filter(pod -> pod.isLive() && !pod.isQueued() && !pod.isDeleting())
        .forEach(
            pod ->
                cluster.put(
                    new TestPods(pod)
                        .disrupted(
                            "WorkloadEvictedDueToPreempted", "Preempted to accommodate a workload")
                        .deleting(cluster.now.plusSeconds(120))
                        .pod()));
  }

  private static boolean isFinished(List<WorkerPod> pods, int size) {
    long succeeded = pods.stream().filter(pod -> pod.life() == Life.SUCCEEDED).count();
    boolean over = pods.stream().anyMatch(pod -> pod.membership().orElseThrow().over());
    return succeeded == size || over && pods.stream().noneMatch(WorkerPod::isLive);
  }

  /** Runs, may run, or succeeded. */
  private static boolean isActive(WorkerPod pod) {
    boolean neverWill = pod.isDeleting() && pod.node().isEmpty();
    return !neverWill && pod.life() != Life.FAILED;
  }

  private void letGo(WorkerPod pod) {
    if (pod.isDeleting() && !pod.isLive()) {
      cluster.vanish(pod.name());
    } else {
      GroupMembership old = pod.membership().orElseThrow();
      cluster.put(
          new TestPods(pod)
              .member(new GroupMembership(old.group(), old.size(), old.over(), false))
              .pod());
    }
  }
}
