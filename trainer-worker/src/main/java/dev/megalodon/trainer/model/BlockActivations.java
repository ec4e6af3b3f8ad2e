package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Tensor;

/**
 * What a block computes forward and needs backward.
 *
 * @param mega of moving-average gated attention
 * @param feedForward of the feed-forward network
 */
record BlockActivations(MegaActivations mega, FeedForwardActivations feedForward) {
  static BlockActivations allocate(Shapes shapes) {
    return new BlockActivations(
        MegaActivations.allocate(shapes), FeedForwardActivations.allocate(shapes));
  }

  /** The same memory but for the block's output. */
  BlockActivations withOutput(Tensor output) {
    return new BlockActivations(mega, feedForward.withOutput(output));
  }

  /** (B, L, D): the block's output. */
  Tensor output() {
    return feedForward.output();
  }
}
