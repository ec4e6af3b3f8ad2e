package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;

/**
 * Where the state before a slice comes from, and the gradient of the state after it. A sequence's
 * slices lie on several ranks; all of them call the same methods in the same order.
 *
 * <p>Forward: states given as {@code in} are those before the sequence on the first rank, and what
 * other ranks have there is overwritten; on return they are the states before this rank's slice.
 * Backward mirrors it: gradients given as {@code dStateOut} are those of the states after the
 * sequence on the last rank, and become those of the states after this rank's slice.
 *
 * <p>What crosses the network for the moving average travels while the caller works on something
 * else: it is begun, and awaited before it is needed.
 */
sealed interface StateExchange permits LocalStates, GatheredStates, RelayedStates {
  /** What is under way. */
  @FunctionalInterface
  interface Arrival {
    /** Nothing is. */
    Arrival HERE = () -> {};

    /** Returns when the state or gradient is complete. */
    void await();
  }

  /**
   * What the backward pass of a timestep norm reads.
   *
   * @param dy (B, L, D)
   * @param x (B, L, D)
   * @param weight (D)
   * @param in state before the slice
   * @param saved what forward kept
   */
  record NormPass(
      Tensor dy, Tensor x, Tensor weight, TimestepNorm.State in, TimestepNorm.Saved saved) {}

  /** Completes the state before the timestep norm of x (B, L, D). */
  void bringNorm(Tensor x, TimestepNorm.State in);

  /** Hands on the state after a timestep norm. */
  void passNorm(TimestepNorm.State out);

  /**
   * Begins to complete the state before the moving average of t (B, L, D).
   *
   * @param coefficients where those of the parameters may be written
   * @param in (B, D, N, 2)
   */
  Arrival beginAverage(
      Tensor t, Cema.Parameters parameters, Cema.Coefficients coefficients, Tensor in);

  /** Hands on the state (B, D, N, 2) after a moving average. */
  void passAverage(Tensor out);

  /**
   * Begins to complete the gradient of the state after a moving average.
   *
   * @param dy (B, L, D)
   * @param coefficients that forward used
   * @param dStateOut (B, D, N, 2)
   */
  Arrival beginAverageGradient(Tensor dy, Cema.Coefficients coefficients, Tensor dStateOut);

  /** Hands on the gradient (B, D, N, 2) of the state before a moving average. */
  void passAverageGradient(Tensor dStateIn);

  /** Begins to complete the gradient of the state after a timestep norm. */
  Arrival beginNormGradient(NormPass pass, TimestepNorm.StateGradient dStateOut);

  /** Hands on the gradient of the state before a timestep norm. */
  void passNormGradient(TimestepNorm.StateGradient dStateIn);
}
