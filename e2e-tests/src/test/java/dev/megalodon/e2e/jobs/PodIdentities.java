package dev.megalodon.e2e.jobs;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.stream.Collectors;

/** What tells whether a pod is the same and its process too. */
public final class PodIdentities {
  private PodIdentities() {}

  /** Pod name to what changes when the pod is replaced or its container restarts. */
  public static Map<String, String> of(Workspace workspace, String job) {
    return workspace.pods(job).entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> of(entry.getValue())));
  }

  /** The same of one pod. */
  public static String of(Pod pod) {
    int restarts =
        pod.getStatus().getContainerStatuses().stream()
            .mapToInt(container -> container.getRestartCount())
            .sum();
    return "%s, %d restarts".formatted(pod.getMetadata().getUid(), restarts);
  }
}
