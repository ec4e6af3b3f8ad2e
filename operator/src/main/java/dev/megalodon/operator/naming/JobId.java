package dev.megalodon.operator.naming;

import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * Which job; caches are keyed by this, never by a name alone.
 *
 * @param namespace its namespace
 * @param name its name
 * @param uid its UID; a re-created job of the same name has another
 */
public record JobId(String namespace, String name, String uid) {

  /** The identity of an object. */
  public static JobId of(HasMetadata job) {
    var metadata = job.getMetadata();
    return new JobId(metadata.getNamespace(), metadata.getName(), metadata.getUid());
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
