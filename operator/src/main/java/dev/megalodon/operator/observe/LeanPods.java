package dev.megalodon.operator.observe;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.List;

/**
 * Keeps pods without what nobody here reads: containers and managed fields are three quarters of a
 * worker's pod, and a job has many pods.
 */
public final class LeanPods extends BasicItemStore<Pod> {
  /** An empty store. */
  public LeanPods() {
    super(Cache::metaNamespaceKeyFunc);
  }

  @Override
  public Pod put(String key, Pod pod) {
    pod.getMetadata().setManagedFields(List.of());
    PodSpec spec = pod.getSpec();
    if (spec != null) {
      spec.setContainers(List.of());
      spec.setInitContainers(List.of());
    }
    return super.put(key, pod);
  }
}
