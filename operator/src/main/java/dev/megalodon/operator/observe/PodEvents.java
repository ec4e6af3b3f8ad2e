package dev.megalodon.operator.observe;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;

/** Where the cluster says what a pod's own status does not: a volume that cannot be mounted. */
@FunctionalInterface
public interface PodEvents {

  /** The newest event about a pod; empty if there is none or nobody could be asked. */
  Optional<PodEvent> newest(Pod pod);
}
