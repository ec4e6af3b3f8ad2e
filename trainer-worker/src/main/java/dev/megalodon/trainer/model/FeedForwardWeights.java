package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Tensor;
import java.util.Optional;

/**
 * Parameters of one normalized feed-forward network, or their gradients.
 *
 * @param normWeight (D), stored without the 1
 * @param normBias (D)
 * @param fc1 D → F
 * @param fc2 F → D
 * @param fc3 D → F, where the network is gated
 * @param alpha (D), scale of the output, where there is one
 */
record FeedForwardWeights(
    Tensor normWeight,
    Tensor normBias,
    Linear fc1,
    Linear fc2,
    Optional<Linear> fc3,
    Optional<Tensor> alpha) {

  /** Views on the parameters of a layer. */
  static FeedForwardWeights of(ModelConfig config, FlatTensors tensors, int layer) {
    String prefix = ParameterCatalog.feedForward(layer);
    return new FeedForwardWeights(
        tensors.tensor(prefix + "norm.weight"),
        tensors.tensor(prefix + "norm.bias"),
        Linear.unbiased(tensors, prefix + "fc1"),
        Linear.unbiased(tensors, prefix + "fc2"),
        config.swiglu() ? Optional.of(Linear.unbiased(tensors, prefix + "fc3")) : Optional.empty(),
        config.rescaleFfn() ? Optional.of(tensors.tensor(prefix + "alpha")) : Optional.empty());
  }
}
