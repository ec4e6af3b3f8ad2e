package dev.megalodon.kernels;

/** Matrix multiplication. */
public interface Gemm {
  /**
   * C ← α·A·B + β·C. With β = 0 the old content of C, NaN included, is not read.
   *
   * @param a (m, k), transposed as it says
   * @param b (k, n), transposed as it says
   * @param c (m, n), not transposed; must not overlap a or b
   * @throws IllegalArgumentException when the shapes do not fit
   */
  void multiply(double alpha, Matrix a, Matrix b, double beta, Matrix c);

  /** Which library and version computes, for logs and the numerics plan. */
  String description();
}
