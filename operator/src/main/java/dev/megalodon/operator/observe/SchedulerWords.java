package dev.megalodon.operator.observe;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** What it means when the scheduler finds no node for a pod. */
final class SchedulerWords {
  /**
   * What concerns the pod as a whole comes first, then what the scheduler looks at last: nodes that
   * got that far are the nearest to fit.
   */
  private static final Signs SIGNS =
      Signs.none()
          .then("persistentvolumeclaim \".*\" not found", Obstacle.CLAIM_MISSING)
          .then(
              "unbound immediate|available persistent volumes to bind|bound to non-existent",
              Obstacle.CLAIM_UNBOUND)
          .then("ReadWriteOncePod|no available disk", Obstacle.CLAIM_IN_USE)
          .then(
              "volume node affinity|PersistentVolume's node affinity|available volume zone",
              Obstacle.VOLUME_NODE_MISMATCH)
          .then("Insufficient \\S*gpu", Obstacle.INSUFFICIENT_GPU)
          .then("Insufficient memory", Obstacle.INSUFFICIENT_MEMORY)
          .then("Insufficient cpu", Obstacle.INSUFFICIENT_CPU)
          .then(
              "Insufficient \\S+|Too many pods|max volume count|free storage|cannot allocate all claims",
              Obstacle.INSUFFICIENT_RESOURCES)
          .then("free ports", Obstacle.PORT_TAKEN)
          .then("pods? (anti-)?affinity|topology spread", Obstacle.POD_AFFINITY_MISMATCH)
          .then("node affinity|node selector|node label", Obstacle.NODE_SELECTOR_MISMATCH)
          .then("untolerated taint", Obstacle.UNTOLERATED_TAINT)
          .then("were unschedulable", Obstacle.NODES_CORDONED);

  private SchedulerWords() {}

  /** What a scheduler's message about a pod means. */
  static Blocker read(Pod pod, String words) {
    Obstacle obstacle = SIGNS.in(words).orElse(Obstacle.UNSCHEDULABLE);
    return obstacle.in(obstacle == Obstacle.CLAIM_UNBOUND ? words + claims(pod) : words);
  }

  /** A pod that no scheduler has said anything about for a while. */
  static Blocker silence(Pod pod) {
    String scheduler = Objects.requireNonNullElse(pod.getSpec().getSchedulerName(), "the default");
    return claimNames(pod).isEmpty()
        ? Obstacle.NOT_SCHEDULED.in("scheduler %s says nothing".formatted(scheduler))
        : Obstacle.NOT_SCHEDULED.in(
            "scheduler %s says nothing, or waits for a volume to be made%s"
                .formatted(scheduler, claims(pod)));
  }

  /** The scheduler does not say which claim it means. */
  private static String claims(Pod pod) {
    return " (claims of this pod: " + String.join(", ", claimNames(pod)) + ")";
  }

  private static List<String> claimNames(Pod pod) {
    return Optional.ofNullable(pod.getSpec().getVolumes()).stream()
        .flatMap(List::stream)
        .map(Volume::getPersistentVolumeClaim)
        .filter(Objects::nonNull)
        .map(claim -> claim.getClaimName())
        .distinct()
        .collect(Collectors.toList());
  }
}
