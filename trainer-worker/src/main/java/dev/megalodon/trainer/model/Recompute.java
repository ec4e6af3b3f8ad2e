package dev.megalodon.trainer.model;

/** What backward computes again instead of keeping it. The results have the same bits. */
public enum Recompute {
  /** Nothing: every layer's activations are kept. */
  NONE,
  /**
   * Every layer but the last: only inputs of layers and states before them are kept. Takes one more
   * forward pass of those layers, without any communication.
   */
  LAYER
}
