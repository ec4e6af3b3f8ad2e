package dev.megalodon.operator.observe;

import dev.megalodon.operator.naming.KueueNames;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the concrete reason why a pod does not run yet, in what the pod itself says. */
final class BlockerReader {
  /** What every pod passes through; not a reason to give to people. */
  private static final Set<String> ORDINARY = Set.of("ContainerCreating", "PodInitializing");

  private BlockerReader() {}

  static Optional<Blocker> read(Pod pod, PodStatus status) {
    return gated(pod)
        .or(() -> unschedulable(pod, status))
        .or(() -> waiting(status))
        .or(() -> initializing(status));
  }

  private static Optional<Blocker> gated(Pod pod) {
    List<PodSchedulingGate> gates =
        Optional.ofNullable(pod.getSpec()).map(spec -> spec.getSchedulingGates()).orElse(List.of());
    if (gates.isEmpty()) {
      return Optional.empty();
    }
    if (gates.stream().anyMatch(gate -> KueueNames.GATE.equals(gate.getName()))) {
      return Optional.of(queued(pod));
    }
    String names = gates.stream().map(PodSchedulingGate::getName).collect(Collectors.joining(", "));
    return Optional.of(
        new Blocker(Obstacle.SCHEDULING_GATED.reason(), "waits for admission by " + names));
  }

  /** A pod that Kueue gated has a queue, be it one that Kueue chose. */
  private static Blocker queued(Pod pod) {
    Map<String, String> labels =
        Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.<String, String>of());
    String queue = labels.getOrDefault(KueueNames.QUEUE, "unknown");
    String group = labels.get(KueueNames.GROUP);
    String where = group == null ? "" : "; kubectl describe workload " + group + " says why";
    return new Blocker(
        Blocker.WAITING_FOR_QUEUE,
        "admission by Kueue is pending in queue %s%s".formatted(queue, where));
  }

  private static Optional<Blocker> unschedulable(Pod pod, PodStatus status) {
    return WorkerPodReader.condition(status, "PodScheduled")
        .filter(condition -> "False".equals(condition.getStatus()))
        .map(condition -> Objects.requireNonNullElse(condition.getMessage(), "not scheduled"))
        .map(words -> SchedulerWords.read(pod, words));
  }

  private static Optional<Blocker> waiting(PodStatus status) {
    return Stream.of(status.getInitContainerStatuses(), status.getContainerStatuses())
        .filter(Objects::nonNull)
        .flatMap(List::stream)
        .filter(container -> container.getState() != null)
        .filter(container -> isTelling(container.getState().getWaiting()))
        .map(container -> NodeWords.read(container, container.getState().getWaiting()))
        .findFirst();
  }

  private static boolean isTelling(@Nullable ContainerStateWaiting state) {
    return state != null && state.getReason() != null && !ORDINARY.contains(state.getReason());
  }

  /** Of init containers that run, the last is the one that the others wait for. */
  private static Optional<Blocker> initializing(PodStatus status) {
    boolean waits =
        WorkerPodReader.condition(status, "Initialized")
            .filter(condition -> "False".equals(condition.getStatus()))
            .isPresent();
    return Optional.ofNullable(status.getInitContainerStatuses()).stream()
        .flatMap(List::stream)
        .filter(container -> waits && container.getState() != null)
        .filter(container -> container.getState().getRunning() != null)
        .map(ContainerStatus::getName)
        .reduce((earlier, later) -> later)
        .map(name -> Obstacle.INITIALIZING.in("init container " + name + " still runs"));
  }
}
