package dev.megalodon.operator.observe;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.List;

/** Keeps pods without their containers either: nobody here reads them, and jobs have many pods. */
public final class LeanPods extends LeanStore<Pod> {
  @Override
  public Pod put(String key, Pod pod) {
    PodSpec spec = pod.getSpec();
    if (spec != null) {
      spec.setContainers(List.of());
      spec.setInitContainers(List.of());
    }
    return super.put(key, pod);
  }
}
