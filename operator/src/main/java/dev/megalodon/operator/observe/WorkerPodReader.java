package dev.megalodon.operator.observe;

import dev.megalodon.operator.naming.KueueNames;
import dev.megalodon.operator.naming.Labels;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads what matters out of a pod. */
public final class WorkerPodReader {
  private WorkerPodReader() {}

  /** The worker in this pod; empty if it lacks the labels that every worker pod has. */
  public static Optional<WorkerPod> read(Pod pod) {
    return read(pod, Optional.empty());
  }

  /**
   * The same.
   *
   * @param told what others say keeps the pod from running, in case it says nothing itself
   */
  static Optional<WorkerPod> read(Pod pod, Optional<Blocker> told) {
    var labels = Optional.ofNullable(pod.getMetadata().getLabels());
    var rank = labels.map(all -> all.get(Labels.RANK)).flatMap(WorkerPodReader::number);
    var incarnation =
        labels.map(all -> all.get(Labels.INCARNATION)).flatMap(WorkerPodReader::number);
    return rank.flatMap(r -> incarnation.map(i -> read(pod, Math.toIntExact(r), i, told)));
  }

  private static WorkerPod read(Pod pod, int rank, long incarnation, Optional<Blocker> told) {
    PodStatus status = Optional.ofNullable(pod.getStatus()).orElseGet(PodStatus::new);
    var ready = condition(status, "Ready");
    var disruption = disruption(status);
    return new WorkerPod(
        pod.getMetadata().getName(),
        rank,
        incarnation,
        life(status),
        ready.filter(WorkerPodReader::holds).flatMap(WorkerPodReader::since),
        startedAt(status),
        instant(pod.getMetadata().getDeletionTimestamp()),
        unreachableSince(status, ready),
        Optional.ofNullable(status.getPodIP()),
        Optional.ofNullable(pod.getSpec()).map(spec -> spec.getNodeName()),
        termination(status),
        disruption.map(PodCondition::getReason),
        Optional.ofNullable(status.getReason())
            .or(() -> SideContainers.failedInit(status).map(Blocker::reason)),
        disruption
            .map(PodCondition::getMessage)
            .or(() -> Optional.ofNullable(status.getMessage()))
            .or(() -> SideContainers.failed(status))
            .orElse(""),
        BlockerReader.read(pod, status).or(() -> told),
        GroupMembership.of(pod));
  }

  /** Kueue gives its reason in a condition of its own. */
  private static Optional<PodCondition> disruption(PodStatus status) {
    return Stream.of("DisruptionTarget", KueueNames.TERMINATION_TARGET)
        .flatMap(type -> condition(status, type).stream())
        .filter(WorkerPodReader::holds)
        .findFirst();
  }

  private static WorkerPod.Life life(PodStatus status) {
    return switch (Objects.requireNonNullElse(status.getPhase(), "Pending")) {
      case "Running", "Unknown" -> WorkerPod.Life.RUNNING;
      case "Succeeded" -> WorkerPod.Life.SUCCEEDED;
      case "Failed" -> WorkerPod.Life.FAILED;
      default -> WorkerPod.Life.PENDING;
    };
  }

  /**
   * The node controller marks pods of a silent node not Ready and leaves ContainersReady alone; a
   * kubelet always writes both alike. So the pair tells a dead node without a right to read nodes.
   */
  private static Optional<Instant> unreachableSince(
      PodStatus status, Optional<PodCondition> ready) {
    boolean containersReady =
        condition(status, "ContainersReady").filter(WorkerPodReader::holds).isPresent();
    return ready
        .filter(condition -> containersReady && "False".equals(condition.getStatus()))
        .flatMap(WorkerPodReader::since);
  }

  private static Optional<Instant> startedAt(PodStatus status) {
    return workerContainer(status)
        .map(ContainerStatus::getState)
        .flatMap(
            state ->
                Stream.of(
                        Optional.ofNullable(state.getRunning()).map(s -> s.getStartedAt()),
                        Optional.ofNullable(state.getTerminated()).map(s -> s.getStartedAt()))
                    .flatMap(Optional::stream)
                    .findFirst())
        .flatMap(WorkerPodReader::instant);
  }

  private static Optional<Termination> termination(PodStatus status) {
    return workerContainer(status)
        .map(ContainerStatus::getState)
        .flatMap(state -> Optional.ofNullable(state.getTerminated()))
        .map(
            end ->
                Termination.of(
                    Objects.requireNonNullElse(end.getExitCode(), 0),
                    Objects.requireNonNullElse(end.getReason(), ""),
                    Objects.requireNonNullElse(end.getMessage(), ""),
                    instant(end.getFinishedAt())));
  }

  static Optional<ContainerStatus> workerContainer(PodStatus status) {
    return Optional.ofNullable(status.getContainerStatuses()).stream()
        .flatMap(java.util.Collection::stream)
        .filter(container -> Labels.WORKER_CONTAINER.equals(container.getName()))
        .findFirst();
  }

  static Optional<PodCondition> condition(PodStatus status, String type) {
    return Optional.ofNullable(status.getConditions()).stream()
        .flatMap(java.util.Collection::stream)
        .filter(condition -> type.equals(condition.getType()))
        .findFirst();
  }

  private static boolean holds(PodCondition condition) {
    return "True".equals(condition.getStatus());
  }

  private static Optional<Instant> since(PodCondition condition) {
    return instant(condition.getLastTransitionTime());
  }

  private static Optional<Instant> instant(@org.jspecify.annotations.Nullable String time) {
    return Optional.ofNullable(time).map(Instant::parse);
  }

  private static Optional<Long> number(String text) {
    try {
      return Optional.of(Long.valueOf(text));
    } catch (NumberFormatException notOurs) {
      return Optional.empty();
    }
  }
}
