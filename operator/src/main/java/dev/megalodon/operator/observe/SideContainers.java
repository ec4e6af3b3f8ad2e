package dev.megalodon.operator.observe;

import dev.megalodon.operator.naming.Labels;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Containers of the template beside the worker's: the pod fails when one of them does. */
final class SideContainers {
  private SideContainers() {}

  /** The init container that ended badly, so that the worker never started. */
  static Optional<Blocker> failedInit(PodStatus status) {
    return failed(status.getInitContainerStatuses())
        .map(words -> new Blocker("InitContainerFailed", "init " + words));
  }

  /** What ended badly beside the worker, in words; empty if nothing did. */
  static Optional<String> failed(PodStatus status) {
    return failedInit(status).map(Blocker::message).or(() -> failed(status.getContainerStatuses()));
  }

  private static Optional<String> failed(@Nullable List<ContainerStatus> containers) {
    return Optional.ofNullable(containers).stream()
        .flatMap(List::stream)
        .filter(container -> !Labels.WORKER_CONTAINER.equals(container.getName()))
        .filter(container -> container.getState() != null)
        .filter(container -> endedBadly(container.getState().getTerminated()))
        .map(container -> describe(container.getName(), container.getState().getTerminated()))
        .findFirst();
  }

  private static boolean endedBadly(@Nullable ContainerStateTerminated end) {
    return end != null && end.getExitCode() != null && end.getExitCode() != 0;
  }

  private static String describe(String name, ContainerStateTerminated end) {
    String reason = "Error".equals(end.getReason()) ? "" : end.getReason();
    String words =
        Stream.of(Optional.ofNullable(reason), Optional.ofNullable(end.getMessage()))
            .flatMap(Optional::stream)
            .map(String::strip)
            .filter(part -> !part.isEmpty())
            .reduce("", (text, part) -> text + ": " + part);
    return "container %s ended with exit code %d%s".formatted(name, end.getExitCode(), words);
  }
}
