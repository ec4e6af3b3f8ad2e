package dev.megalodon.operator.observe;

import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import java.util.Objects;

/** What it means when a node cannot start a pod that was placed on it. */
final class NodeWords {
  private static final Signs MISSING =
      Signs.none()
          .then("secret \".*\" not found|in secret |secret key", Obstacle.SECRET_MISSING)
          .then("configmap \".*\" not found|in configmap |config key", Obstacle.CONFIG_MAP_MISSING);

  private NodeWords() {}

  /** A container that waits, with a reason. */
  static Blocker read(ContainerStatus container, ContainerStateWaiting state) {
    String words = Objects.requireNonNullElse(state.getMessage(), state.getReason());
    String image = container.getImage();
    return switch (state.getReason()) {
      case "ErrImagePull", "ImagePullBackOff", "RegistryUnavailable" ->
          Obstacle.IMAGE_PULL_BACK_OFF.in(
              "image %s cannot be pulled: %s".formatted(image, ofRegistry(words)));
      case "InvalidImageName" -> Obstacle.INVALID_IMAGE_NAME.in(image + ": " + words);
      case "ErrImageNeverPull" -> Obstacle.ERR_IMAGE_NEVER_PULL.in(words);
      default ->
          MISSING
              .in(words)
              .map(missing -> missing.in("container " + container.getName() + ": " + words))
              .orElseGet(() -> new Blocker(state.getReason(), words));
    };
  }

  /**
   * The registry's words, without those that the kubelet adds only between two attempts: a status
   * that changed with them would be written again and again.
   */
  private static String ofRegistry(String words) {
    return words.replaceFirst("^Back-off pulling image \"[^\"]*\": ErrImagePull: ", "");
  }

  /** An event, for what the pod itself says nothing of. */
  static Blocker read(PodEvent event) {
    String words = event.message();
    return switch (event.reason()) {
      case "FailedMount", "FailedAttachVolume", "FailedMapVolume" ->
          MISSING.in(words).orElse(Obstacle.VOLUME_NOT_MOUNTED).in(words);
      case "FailedCreatePodSandBox", "NetworkNotReady" -> Obstacle.SANDBOX_FAILED.in(words);
      case "Pulling" -> Obstacle.PULLING_IMAGE.in(words);
      default -> new Blocker(event.reason(), words);
    };
  }
}
