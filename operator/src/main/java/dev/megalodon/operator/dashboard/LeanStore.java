package dev.megalodon.operator.dashboard;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;

/** Keeps jobs without their managed fields, which are half of them and shown nowhere. */
final class LeanStore extends BasicItemStore<MegalodonTrainingJob> {
  LeanStore() {
    super(job -> key(job.getMetadata().getNamespace(), job.getMetadata().getName()));
  }

  static String key(String namespace, String name) {
    return namespace + "/" + name;
  }

  @Override
  public MegalodonTrainingJob put(String key, MegalodonTrainingJob job) {
    job.getMetadata().getManagedFields().clear();
    return super.put(key, job);
  }
}
