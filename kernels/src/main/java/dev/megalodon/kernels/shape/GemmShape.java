package dev.megalodon.kernels.shape;

import dev.megalodon.kernels.Matrix;

/**
 * Dimensions of C (m, n) ← A (m, k)·B (k, n).
 *
 * @param m rows of the result
 * @param n columns of the result
 * @param k terms of every sum
 */
public record GemmShape(int m, int n, int k) {
  /** The dimensions of a multiplication. */
  public static GemmShape of(Matrix a, Matrix b, Matrix c) {
    boolean fits =
        a.effectiveRows() == c.rows()
            && b.effectiveCols() == c.cols()
            && a.effectiveCols() == b.effectiveRows()
            && !c.transposed();
    if (!fits) {
      throw new IllegalArgumentException(
          "(%d, %d)·(%d, %d) does not give (%d, %d)%s"
              .formatted(
                  a.effectiveRows(),
                  a.effectiveCols(),
                  b.effectiveRows(),
                  b.effectiveCols(),
                  c.rows(),
                  c.cols(),
                  c.transposed() ? " transposed; transpose and swap the factors instead" : ""));
    }
    return new GemmShape(
        Math.toIntExact(c.rows()), Math.toIntExact(c.cols()), Math.toIntExact(a.effectiveCols()));
  }
}
