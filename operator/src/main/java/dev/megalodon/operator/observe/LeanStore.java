package dev.megalodon.operator.observe;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;

/**
 * Keeps what an informer hears of without its managed fields, which are a large part of it and read
 * by nobody here.
 *
 * @param <T> what is kept
 */
public class LeanStore<T extends HasMetadata> extends BasicItemStore<T> {
  /** An empty store, with the keys that informers use. */
  public LeanStore() {
    super(Cache::metaNamespaceKeyFunc);
  }

  @Override
  public T put(String key, T item) {
    item.getMetadata().getManagedFields().clear();
    return super.put(key, item);
  }
}
