package dev.megalodon.kernels;

/** Matrix multiplication. Closed by the device that it is of. */
public interface Gemm extends AutoCloseable {
  /**
   * C ← α·A·B + β·C. With β = 0 the old content of C, NaN included, is not read. C has the device's
   * element type; A and B have it or are parameters. With BFLOAT16 parameters all elements of A and
   * B are rounded to BFLOAT16; products and sums are FLOAT32.
   *
   * @param a (m, k), transposed as it says
   * @param b (k, n), transposed as it says
   * @param c (m, n), not transposed; must not overlap a or b
   * @throws IllegalArgumentException when the shapes do not fit
   */
  void multiply(double alpha, Matrix a, Matrix b, double beta, Matrix c);

  /** Which library and version computes, for logs and the numerics plan. */
  String description();

  /** Frees what is not memory of the Java heap. */
  @Override
  default void close() {}
}
