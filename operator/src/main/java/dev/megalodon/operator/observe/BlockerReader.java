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

/** Finds the concrete reason why a pod does not run yet. */
final class BlockerReader {
  /** What every pod passes through; not a reason to give to people. */
  private static final Set<String> ORDINARY = Set.of("ContainerCreating", "PodInitializing");

  private BlockerReader() {}

  static Optional<Blocker> read(Pod pod, PodStatus status) {
    return gated(pod).or(() -> unschedulable(status)).or(() -> waiting(status));
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
    return Optional.of(new Blocker("SchedulingGated", "waits for admission by " + names));
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

  private static Optional<Blocker> unschedulable(PodStatus status) {
    return WorkerPodReader.condition(status, "PodScheduled")
        .filter(condition -> "False".equals(condition.getStatus()))
        .map(
            condition ->
                new Blocker(
                    Objects.requireNonNullElse(condition.getReason(), "Unschedulable"),
                    Objects.requireNonNullElse(condition.getMessage(), "not scheduled")));
  }

  private static Optional<Blocker> waiting(PodStatus status) {
    return Stream.of(status.getInitContainerStatuses(), status.getContainerStatuses())
        .filter(Objects::nonNull)
        .flatMap(List::stream)
        .map(ContainerStatus::getState)
        .filter(Objects::nonNull)
        .map(state -> state.getWaiting())
        .filter(Objects::nonNull)
        .filter(state -> state.getReason() != null && !ORDINARY.contains(state.getReason()))
        .map(BlockerReader::blocker)
        .findFirst();
  }

  private static Blocker blocker(ContainerStateWaiting state) {
    return new Blocker(
        state.getReason(), Objects.requireNonNullElse(state.getMessage(), state.getReason()));
  }
}
