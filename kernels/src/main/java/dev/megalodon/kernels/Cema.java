package dev.megalodon.kernels;

import java.util.List;

/**
 * Complex exponential moving average: N damped complex modes per channel.
 *
 * <p>With a = σ(alpha), δ' = σ(delta), p = a, ρ = 1 − a·δ', φ_n = n·σ(theta)·2π/N for n = 1..N, q =
 * ρ·e^{iφ}, g = gamma/√N: h_t = q·h_{t−1} + p·x_t and y_t = Re Σ_n g_n·h_{t,n} + omega·x_t.
 *
 * <p>A sequence may be cut into slices that are computed at the same time: a slice of L steps takes
 * h to q^L·h + u, where u is what it reaches from 0 ({@link #advance}, {@link #combine}), and
 * gradients go back the same way with q̄ ({@link #retreat}, {@link #combineGradients}).
 */
public interface Cema {
  /** Steps between two states that forward keeps for backward. */
  int CHECKPOINT_INTERVAL = 64;

  /**
   * Parameters as stored, or their gradients.
   *
   * @param alpha (D, N, 1)
   * @param delta (D, N, 1)
   * @param theta (D, 1, 1)
   * @param gamma (D, N, 2): real, imaginary
   * @param omega (D, 1)
   */
  record Parameters(Tensor alpha, Tensor delta, Tensor theta, Tensor gamma, Tensor omega) {}

  /**
   * Coefficients of the recurrence, in the device's accumulation type.
   *
   * @param p (D, N)
   * @param q (D, N, 2)
   * @param g (D, N, 2), already divided by √N
   */
  record Coefficients(Tensor p, Tensor q, Tensor g) {
    /** Room for the coefficients of D channels with N modes. */
    public static Coefficients allocate(Device device, Allocator allocator, long d, long n) {
      ElementType type = device.accumulationType();
      return new Coefficients(
          allocator.allocate(type, d, n),
          allocator.allocate(type, d, n, 2),
          allocator.allocate(type, d, n, 2));
    }
  }

  /**
   * What forward keeps for backward.
   *
   * @param coefficients coefficients that forward used
   * @param states (B, ⌈L / CHECKPOINT_INTERVAL⌉, D, N, 2) elements in the device's accumulation
   *     type: the state before each interval, in an order of the device's own
   */
  record Saved(Coefficients coefficients, Tensor states) {
    /** Room for a sequence. */
    public static Saved allocate(
        Device device, Allocator allocator, long batch, long length, long d, long n) {
      long intervals = Math.ceilDiv(length, (long) CHECKPOINT_INTERVAL);
      return new Saved(
          Coefficients.allocate(device, allocator, d, n),
          allocator.allocate(device.accumulationType(), batch, intervals, d, n, 2));
    }
  }

  /** Computes the coefficients of the recurrence from the parameters. */
  void coefficients(Parameters parameters, Coefficients result);

  /**
   * Runs the recurrence over a piece of a sequence.
   *
   * @param x (B, L, D)
   * @param stateIn (B, D, N, 2), accumulation type: h before the piece
   * @param y (B, L, D), may not be x
   * @param saved written: coefficients and checkpoints
   * @param stateOut (B, D, N, 2): h after the piece; may be stateIn
   */
  void forward(
      Tensor x, Parameters parameters, Tensor stateIn, Tensor y, Saved saved, Tensor stateOut);

  /**
   * Gradients of {@link #forward}. Complex gradients are ∂/∂Re + i·∂/∂Im.
   *
   * @param dStateOut (B, D, N, 2): gradient of h after the piece
   * @param dx (B, L, D), overwritten; may be dy
   * @param gradients added to
   * @param dStateIn (B, D, N, 2), overwritten
   */
  void backward(
      Tensor dy,
      Tensor x,
      Parameters parameters,
      Saved saved,
      Tensor dStateOut,
      Tensor dx,
      Parameters gradients,
      Tensor dStateIn);

  /**
   * A slice as a map of states.
   *
   * @param length L, steps, 0 or more
   * @param reached (B, D, N, 2), accumulation type: the state that the slice reaches from 0, or the
   *     gradient that its outputs alone give the state before it
   */
  record Slice(long length, Tensor reached) {}

  /**
   * The state after a piece, without its output.
   *
   * @param x (B, L, D)
   * @param coefficients from {@link #coefficients}
   * @param stateIn (B, D, N, 2): h before the piece; 0 for what the piece reaches by itself
   * @param stateOut (B, D, N, 2): h after the piece; may be stateIn
   */
  void advance(Tensor x, Coefficients coefficients, Tensor stateIn, Tensor stateOut);

  /**
   * The gradient of the state before a piece, without those of inputs and parameters.
   *
   * @param dy (B, L, D)
   * @param coefficients from {@link #coefficients}
   * @param dStateOut (B, D, N, 2): gradient of h after the piece; 0 for what the outputs give
   * @param dStateIn (B, D, N, 2), overwritten; may be dStateOut
   */
  void retreat(Tensor dy, Coefficients coefficients, Tensor dStateOut, Tensor dStateIn);

  /**
   * The state after several slices that begin at 0: h ← q^L·h + u for each. Powers are exact to
   * double precision for lengths up to 10⁹, and take log L steps.
   *
   * @param slices one or more, in their order; the first one's length does not matter
   * @param state (B, D, N, 2), overwritten; may be a slice's
   */
  void combine(Coefficients coefficients, List<Slice> slices, Tensor state);

  /**
   * The gradient of the state before several slices: dh ← q̄^L·dh + ũ for each, the last slice
   * first.
   *
   * @param slices one or more, in their order; the last one's length does not matter
   * @param gradient (B, D, N, 2), overwritten; may be a slice's
   */
  void combineGradients(Coefficients coefficients, List<Slice> slices, Tensor gradient);
}
