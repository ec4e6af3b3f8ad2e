package dev.megalodon.trainer.model;

/**
 * Parameters of one block, or their gradients.
 *
 * @param mega moving-average gated attention
 * @param feedForward normalized feed-forward network
 */
record BlockWeights(MegaWeights mega, FeedForwardWeights feedForward) {
  /** Views on the parameters of a layer. */
  static BlockWeights of(ModelConfig config, FlatTensors tensors, int layer) {
    return new BlockWeights(
        MegaWeights.of(tensors, layer), FeedForwardWeights.of(config, tensors, layer));
  }
}
