package dev.megalodon.kernels;

import java.util.List;
import java.util.Optional;

/**
 * Timestep norm: group normalization over all elements seen so far, this step included.
 *
 * <p>Per step and group of S channels: gm = mean x, gv = mean (x − gm)²; n ← n + 1, δ = gm − μ, v ←
 * (1 − 1/n)·v + gv/n + (1/n)(1 − 1/n)·δ², μ ← μ + δ/n; y = (x − μ)/√(v + ε)·(w + 1) + b. A padded
 * step leaves the state as it is and yields 0. Statistics are FLOAT64 on every device.
 *
 * <p>A sequence may be cut into slices that are computed at the same time: states are moments,
 * which merge ({@link #advance}, {@link #merge}), and their gradients are sums over later steps
 * ({@link #momentGradient}, {@link #stateGradientOut}).
 */
public interface TimestepNorm {
  /**
   * What is carried from step to step. A fresh sequence starts with count 0, mean 0, variance 1.
   *
   * @param count (B) FLOAT64, whole numbers: steps seen
   * @param mean (B, G) FLOAT64
   * @param variance (B, G) FLOAT64, population variance
   */
  record State(Tensor count, Tensor mean, Tensor variance) {
    /** A zeroed state; set the variance to 1 for a fresh sequence. */
    public static State allocate(Allocator allocator, long batch, long groups) {
      return new State(
          allocator.allocate(ElementType.FLOAT64, batch),
          allocator.allocate(ElementType.FLOAT64, batch, groups),
          allocator.allocate(ElementType.FLOAT64, batch, groups));
    }
  }

  /**
   * Gradient of a state.
   *
   * @param mean (B, G) FLOAT64
   * @param variance (B, G) FLOAT64
   */
  record StateGradient(Tensor mean, Tensor variance) {
    /** A zero gradient. */
    public static StateGradient allocate(Allocator allocator, long batch, long groups) {
      return new StateGradient(
          allocator.allocate(ElementType.FLOAT64, batch, groups),
          allocator.allocate(ElementType.FLOAT64, batch, groups));
    }
  }

  /**
   * What forward keeps for backward.
   *
   * @param mean (B, L, G) FLOAT64, μ after each step
   * @param inverseDeviation (B, L, G) FLOAT64, 1/√(v + ε) after each step
   */
  record Saved(Tensor mean, Tensor inverseDeviation) {
    /** Room for a sequence. */
    public static Saved allocate(Allocator allocator, long batch, long length, long groups) {
      return new Saved(
          allocator.allocate(ElementType.FLOAT64, batch, length, groups),
          allocator.allocate(ElementType.FLOAT64, batch, length, groups));
    }
  }

  /**
   * What a slice adds to the gradients of the moments n·μ and n·(v + μ²), about an origin κ, that
   * go into it: A = Σ a_t and Q = Σ s_t over its steps, with a_t = (dμ_t − 2·(μ_t − κ)·dv_t)/n_t
   * and s_t = dv_t/n_t, where dμ_t and dv_t come from the outputs of step t alone. About another
   * origin κ', A is A + 2·(κ' − κ)·Q.
   *
   * @param origin (B, G) FLOAT64, κ
   * @param first (B, G) FLOAT64, A
   * @param second (B, G) FLOAT64, Q
   */
  record MomentGradient(Tensor origin, Tensor first, Tensor second) {}

  /**
   * Normalizes a piece of a sequence.
   *
   * @param x (B, L, D)
   * @param weight (D), stored without the 1
   * @param bias (D)
   * @param padding (B, L) UINT8, 1 where a step is skipped
   * @param in state before the piece
   * @param y (B, L, D), may not be x
   * @param out state after the piece; may be {@code in}
   */
  void forward(
      Tensor x,
      Tensor weight,
      Tensor bias,
      Optional<Tensor> padding,
      State in,
      double epsilon,
      Tensor y,
      Saved saved,
      State out);

  /**
   * Gradients of {@link #forward}.
   *
   * @param in the state before the piece, as forward saw it
   * @param stateGradientOut gradient of the state after the piece
   * @param dx (B, L, D), overwritten; may be dy
   * @param dWeight (D), added to
   * @param dBias (D), added to
   * @param stateGradientIn gradient of the state before the piece, overwritten
   */
  void backward(
      Tensor dy,
      Tensor x,
      Tensor weight,
      Optional<Tensor> padding,
      State in,
      Saved saved,
      StateGradient stateGradientOut,
      Tensor dx,
      Tensor dWeight,
      Tensor dBias,
      StateGradient stateGradientIn);

  /**
   * The state after a piece, without its output.
   *
   * @param x (B, L, D)
   * @param padding (B, L) UINT8, 1 where a step is skipped
   * @param in state before the piece; a fresh one for the moments of the piece alone
   * @param out state after the piece; may be {@code in}
   */
  void advance(Tensor x, Optional<Tensor> padding, State in, State out);

  /**
   * The state after several pieces from the moments of each alone: n = nₐ + n_b, δ = μ_b − μₐ, μ =
   * μₐ + δ·n_b/n, n·v = nₐ·vₐ + n_b·v_b + δ²·nₐ·n_b/n, from left to right. A piece of no steps
   * changes nothing.
   *
   * @param pieces one or more, in their order
   * @param result may be one of the pieces
   */
  void merge(List<State> pieces, State result);

  /**
   * What a piece adds to the gradients of the moments before it.
   *
   * @param in the state before the piece, as forward saw it
   * @param stateGradientOut gradient of the state after the piece by way of what follows it; its
   *     part is added. Zero for the piece alone
   * @param result overwritten; the origin is the operation's choice
   */
  void momentGradient(
      Tensor dy,
      Tensor x,
      Tensor weight,
      Optional<Tensor> padding,
      State in,
      Saved saved,
      StateGradient stateGradientOut,
      MomentGradient result);

  /**
   * The gradient of the state (n, μ, v) after a piece, from the sums of the pieces that follow: dv
   * = n·ΣQ and dμ = n·Σ(A + 2·(μ − κ)·Q).
   *
   * @param later in their order
   * @param in the state before the piece, as forward saw it
   * @param saved what forward kept of the piece
   * @param result overwritten
   */
  void stateGradientOut(
      List<MomentGradient> later,
      Optional<Tensor> padding,
      State in,
      Saved saved,
      StateGradient result);
}
