package dev.megalodon.kernels;

/**
 * Rotary position embedding on adjacent pairs (2i, 2i + 1) of each head: angle = position·base^(−2i
 * / z), the position counted inside the attention chunk. Angles are computed in FLOAT64.
 */
public interface Rope {
  /**
   * Rotates in place.
   *
   * @param x (B, L, heads·z)
   * @param start position in its chunk of the first step, 0 to chunk − 1
   * @param chunk steps after which positions start again from 0
   * @param inverse rotate back: the gradient of the rotation
   */
  void rotate(Tensor x, int heads, long start, long chunk, double base, boolean inverse);
}
