package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.jobs.StepRecords;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A job just before a fault.
 *
 * @param folder where it logs its steps: a file needs no API server
 * @param epochs epochs that made steps
 * @param survivors name of each pod that the fault must not touch, to its UID and restarts
 * @param pods names of all pods
 */
record Before(Path folder, List<String> epochs, Map<String, String> survivors, Set<String> pods) {
  private static final String RANK_LABEL = "training.megalodon.dev/rank";

  static Before of(Scene scene, Set<Integer> victims) {
    Map<String, Pod> pods = scene.workspace().pods(scene.job());
    List<Pod> spared =
        pods.values().stream().filter(pod -> !victims.contains(rankOf(pod))).toList();
    Path folder = scene.workspace().jobFolder(scene.job()).orElseThrow();
    return new Before(
        folder, StepRecords.read(folder).epochs(), identities(spared), Set.copyOf(pods.keySet()));
  }

  /** What it logged until now. */
  StepRecords stepsNow() {
    return StepRecords.read(folder);
  }

  private static int rankOf(Pod pod) {
    return Integer.parseInt(pod.getMetadata().getLabels().get(RANK_LABEL));
  }

  /** Pods that should have lived on as they were, and did not. */
  List<String> lost(Scene scene) {
    Map<String, String> now = identities(scene.workspace().pods(scene.job()).values());
    return survivors.entrySet().stream()
        .filter(entry -> !entry.getValue().equals(now.get(entry.getKey())))
        .map(
            entry ->
                "%s (%s) is now %s"
                    .formatted(entry.getKey(), entry.getValue(), now.get(entry.getKey())))
        .toList();
  }

  /** Pod name to what changes when a pod is replaced or its container restarts. */
  private static Map<String, String> identities(Collection<Pod> pods) {
    return pods.stream()
        .collect(
            Collectors.toMap(
                pod -> pod.getMetadata().getName(), Before::identity, (a, b) -> a, TreeMap::new));
  }

  private static String identity(Pod pod) {
    int restarts =
        Stream.ofNullable(pod.getStatus().getContainerStatuses())
            .flatMap(List::stream)
            .mapToInt(ContainerStatus::getRestartCount)
            .sum();
    return "%s, %d restarts".formatted(pod.getMetadata().getUid(), restarts);
  }
}
