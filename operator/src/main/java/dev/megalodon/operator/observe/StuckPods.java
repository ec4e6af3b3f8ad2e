package dev.megalodon.operator.observe;

import dev.megalodon.operator.naming.JobId;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out about pods that wait and do not say what for. Events are asked for one pod of a job at
 * a time, and only while one is stuck: in a cluster that works nobody is asked. An answer is as old
 * as {@link Snapshot#SILENCE} at most.
 */
final class StuckPods {
  private final PodEvents events;
  private final JobMemory memory;

  StuckPods(PodEvents events, JobMemory memory) {
    this.events = events;
    this.memory = memory;
  }

  /**
   * What was found.
   *
   * @param why pod name to what keeps the pod
   * @param lookAgain when there may be more to find; empty if no pod waits in silence
   */
  record Finding(Map<String, Blocker> why, Optional<Instant> lookAgain) {
    Optional<Blocker> told(Pod pod) {
      return Optional.ofNullable(why.get(name(pod)));
    }
  }

  /** What answered last, kept so that it is not asked again with every pass. */
  record Told(String pod, Instant at, Optional<Blocker> why) {}

  Finding find(JobId job, List<Pod> pods, Instant now) {
    Map<String, Blocker> why = new HashMap<>();
    List<Instant> times = new ArrayList<>();
    List<Pod> silent = pods.stream().filter(StuckPods::waitsInSilence).sorted(byName()).toList();
    silent.stream().map(StuckPods::due).filter(now::isBefore).forEach(times::add);
    List<Pod> stuck = silent.stream().filter(pod -> !now.isBefore(due(pod))).toList();
    stuck.stream()
        .filter(pod -> scheduled(pod).isEmpty())
        .forEach(pod -> why.put(name(pod), SchedulerWords.silence(pod)));
    stuck.stream()
        .filter(pod -> scheduled(pod).isPresent())
        .findFirst()
        .map(pod -> told(job, pod, now))
        .ifPresent(
            told -> {
              told.why().ifPresent(blocker -> why.put(told.pod(), blocker));
              times.add(told.at().plus(Snapshot.SILENCE));
            });
    return new Finding(why, times.stream().min(Comparator.naturalOrder()));
  }

  private Told told(JobId job, Pod pod, Instant now) {
    Optional<Told> known =
        memory
            .told(job)
            .filter(told -> told.pod().equals(name(pod)))
            .filter(told -> now.isBefore(told.at().plus(Snapshot.SILENCE)));
    return known.orElseGet(() -> ask(job, pod, now));
  }

  private Told ask(JobId job, Pod pod, Instant now) {
    Optional<Blocker> why =
        events
            .newest(pod)
            .filter(event -> event.warning() || event.reason().equals("Pulling"))
            .map(NodeWords::read);
    Told told = new Told(name(pod), now, why);
    memory.told(job, told);
    return told;
  }

  private static boolean waitsInSilence(Pod pod) {
    PodStatus status = pod.getStatus();
    return status != null
        && "Pending".equals(status.getPhase())
        && !pod.isMarkedForDeletion()
        && BlockerReader.read(pod, status).isEmpty();
  }

  private static Instant due(Pod pod) {
    String since =
        scheduled(pod)
            .map(PodCondition::getLastTransitionTime)
            .orElseGet(() -> pod.getMetadata().getCreationTimestamp());
    return Instant.parse(since).plus(Snapshot.SILENCE);
  }

  private static Optional<PodCondition> scheduled(Pod pod) {
    return WorkerPodReader.condition(pod.getStatus(), "PodScheduled")
        .filter(condition -> "True".equals(condition.getStatus()));
  }

  private static Comparator<Pod> byName() {
    return Comparator.comparing(StuckPods::name);
  }

  private static String name(Pod pod) {
    return pod.getMetadata().getName();
  }
}
