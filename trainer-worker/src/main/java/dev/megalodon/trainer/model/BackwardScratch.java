package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.util.Optional;

/**
 * Gradients of activations, in memory that every layer uses again.
 *
 * @param stream (B, L, D): of the residual stream; each block turns that of its output into that of
 *     its input
 * @param middle (B, L, D): of what attention hands to the feed-forward network
 * @param mixed (B, L, D): of m, then of c, t and the block's input
 * @param scaled (B, L, D): of the feed-forward output before its scale, where it has one
 * @param hidden (B, L, F): of h, then of f1
 * @param up (B, L, F): of f3, where the network is gated
 * @param gated (B, L, E): of a ⊙ r
 * @param gate (B, L, E): of r before its silu
 * @param attention (B, L, E): of a
 * @param values (B, L, E): of v, then of v before its silu
 * @param queries (B, L, Z): of q, then of u
 * @param keys (B, L, Z): of k
 */
record BackwardScratch(
    Tensor stream,
    Tensor middle,
    Tensor mixed,
    Optional<Tensor> scaled,
    Tensor hidden,
    Optional<Tensor> up,
    Tensor gated,
    Tensor gate,
    Tensor attention,
    Tensor values,
    Tensor queries,
    Tensor keys) {

  static BackwardScratch allocate(
      Device device, Allocator allocator, ModelConfig config, long batch, long length) {
    Shapes shapes = new Shapes(device, allocator, config, batch, length);
    int d = config.modelDim();
    int e = config.valueDim();
    int f = config.ffnHiddenDim();
    return new BackwardScratch(
        shapes.sequence(d),
        shapes.sequence(d),
        shapes.sequence(d),
        config.rescaleFfn() ? Optional.of(shapes.sequence(d)) : Optional.empty(),
        shapes.sequence(f),
        config.swiglu() ? Optional.of(shapes.sequence(f)) : Optional.empty(),
        shapes.sequence(e),
        shapes.sequence(e),
        shapes.sequence(e),
        shapes.sequence(e),
        shapes.sequence(config.zDim()),
        shapes.sequence(config.zDim()));
  }
}
