package dev.megalodon.trainer.model;

import java.util.List;
import java.util.function.Consumer;

/**
 * Tells of every bucket, in order and once, that all its gradients are complete, so that its
 * exchange may begin while the backward pass goes on. For one backward pass.
 */
public final class BucketCompletion implements BackwardProgress {
  private final FlatLayout layout;
  private final Consumer<FlatLayout.Bucket> listener;
  private int completedEntries;
  private int completedBuckets;

  /** Tells the listener, on the thread of the backward pass. */
  public BucketCompletion(FlatLayout layout, Consumer<FlatLayout.Bucket> listener) {
    this.layout = layout;
    this.listener = listener;
  }

  @Override
  public void completed(String prefix) {
    List<FlatLayout.Entry> entries = layout.entries();
    while (completedEntries < entries.size()
        && entries.get(completedEntries).name().startsWith(prefix)) {
      completedEntries++;
    }
    int open =
        completedEntries == entries.size()
            ? layout.buckets().size()
            : entries.get(completedEntries).bucket();
    while (completedBuckets < open) {
      listener.accept(layout.buckets().get(completedBuckets++));
    }
  }
}
