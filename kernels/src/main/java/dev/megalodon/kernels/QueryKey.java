package dev.megalodon.kernels;

/**
 * Queries and keys from the shared representation: per head of width z, ẑ = u/√(mean u² + ε), then
 * q = ẑ·(γ₀ + 1)/√z + β₀ and k = ẑ·(γ₁ + 1)/√z + β₁. Not rotated; {@link Rope} follows.
 */
public interface QueryKey {
  /**
   * Normalizes per head and scales.
   *
   * @param u (B, L, Z) with Z = heads·z, head-major columns
   * @param gamma (2, Z), stored without the 1
   * @param beta (2, Z)
   * @param q (B, L, Z)
   * @param k (B, L, Z)
   * @param inverseRms (B, L, heads) in the accumulation type, kept for backward
   */
  void forward(
      Tensor u,
      Tensor gamma,
      Tensor beta,
      int heads,
      double epsilon,
      Tensor q,
      Tensor k,
      Tensor inverseRms);

  /**
   * Gradients of {@link #forward}.
   *
   * @param du (B, L, Z), overwritten; may be dq
   * @param dGamma (2, Z), added to
   * @param dBeta (2, Z), added to
   */
  void backward(
      Tensor dq,
      Tensor dk,
      Tensor u,
      Tensor gamma,
      int heads,
      Tensor inverseRms,
      Tensor du,
      Tensor dGamma,
      Tensor dBeta);
}
