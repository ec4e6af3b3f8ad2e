package dev.megalodon.trainer.model;

/** Hears, during a backward pass, which gradients nothing will be added to any more. */
@FunctionalInterface
public interface BackwardProgress {
  /** Nobody listens. */
  BackwardProgress IGNORED = prefix -> {};

  /** The forward pass is done, and the backward pass begins. */
  default void begins() {}

  /** The gradients of all parameters whose names begin so are complete. */
  void completed(String prefix);
}
