package dev.megalodon.operator.observe;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** Tells a job's objects from those of an earlier job of the same name. */
public final class Ownership {
  private Ownership() {}

  /** Whether {@code owner} itself, by UID and not just by name, owns {@code owned}. */
  public static boolean owns(HasMetadata owner, HasMetadata owned) {
    String uid = owner.getMetadata().getUid();
    return owned.getMetadata().getOwnerReferences().stream()
        .anyMatch(reference -> reference.getUid().equals(uid));
  }
}
