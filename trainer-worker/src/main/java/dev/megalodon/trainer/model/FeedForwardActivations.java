package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Tensor;
import java.util.Optional;

/**
 * What the feed-forward network computes forward and needs backward.
 *
 * @param normalized (B, L, D): n
 * @param mean (B·L)
 * @param inverseDeviation (B·L)
 * @param gate (B, L, F): f1, before its silu
 * @param up (B, L, F): f3, where the network is gated
 * @param hidden (B, L, F): h
 * @param unscaled (B, L, D): h·W2ᵀ, where the output has a scale
 * @param output (B, L, D): the block's output
 */
record FeedForwardActivations(
    Tensor normalized,
    Tensor mean,
    Tensor inverseDeviation,
    Tensor gate,
    Optional<Tensor> up,
    Tensor hidden,
    Optional<Tensor> unscaled,
    Tensor output) {

  static FeedForwardActivations allocate(Shapes shapes) {
    ModelConfig config = shapes.config();
    int d = config.modelDim();
    int f = config.ffnHiddenDim();
    return new FeedForwardActivations(
        shapes.sequence(d),
        shapes.statistics(1),
        shapes.statistics(1),
        shapes.sequence(f),
        config.swiglu() ? Optional.of(shapes.sequence(f)) : Optional.empty(),
        shapes.sequence(f),
        config.rescaleFfn() ? Optional.of(shapes.sequence(d)) : Optional.empty(),
        shapes.sequence(d));
  }

  /** The same memory but for the output. */
  FeedForwardActivations withOutput(Tensor other) {
    return new FeedForwardActivations(
        normalized, mean, inverseDeviation, gate, up, hidden, unscaled, other);
  }
}
