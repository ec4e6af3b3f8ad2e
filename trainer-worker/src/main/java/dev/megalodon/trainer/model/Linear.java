package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Tensor;
import java.util.Optional;

/**
 * A linear map y = x·Wᵀ + b, or its gradients.
 *
 * @param weight (out, in)
 * @param bias (out), where there is one
 */
record Linear(Tensor weight, Optional<Tensor> bias) {
  /** The map {@code prefix.weight}, {@code prefix.bias}. */
  static Linear biased(FlatTensors tensors, String prefix) {
    return new Linear(
        tensors.tensor(prefix + ".weight"), Optional.of(tensors.tensor(prefix + ".bias")));
  }

  /** The map {@code prefix.weight}. */
  static Linear unbiased(FlatTensors tensors, String prefix) {
    return new Linear(tensors.tensor(prefix + ".weight"), Optional.empty());
  }
}
