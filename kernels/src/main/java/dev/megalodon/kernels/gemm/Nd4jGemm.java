package dev.megalodon.kernels.gemm;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Gemm;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.shape.GemmShape;
import dev.megalodon.kernels.shape.Shapes;
import java.lang.foreign.MemorySegment;

/**
 * ND4J's OpenBLAS on tensors' own memory, without copies. The bits of its results depend on the
 * kernels it chose and on the number of threads, which {@link #description} names.
 */
public final class Nd4jGemm implements Gemm {
  private final OpenBlas openBlas = new OpenBlas();
  private final int threads;

  /**
   * Loads OpenBLAS and sets its number of threads, which is one for the whole process.
   *
   * @throws IllegalStateException when it cannot be loaded here
   */
  public Nd4jGemm(int threads) {
    this.threads = threads;
    openBlas.setThreads(threads);
  }

  @Override
  public String description() {
    return "openblas: %s, %s kernels, %d threads"
        .formatted(openBlas.config(), openBlas.coreName(), threads);
  }

  @Override
  public void multiply(double alpha, Matrix a, Matrix b, double beta, Matrix c) {
    GemmShape shape = GemmShape.of(a, b, c);
    openBlas.sgemm(
        a.transposed(),
        b.transposed(),
        shape.m(),
        shape.n(),
        shape.k(),
        (float) alpha,
        firstElement(a),
        stride(a),
        firstElement(b),
        stride(b),
        (float) beta,
        firstElement(c),
        stride(c));
  }

  private static MemorySegment firstElement(Matrix matrix) {
    Shapes.require(
        matrix.storage().type() == ElementType.FLOAT32,
        "OpenBLAS multiplies FLOAT32 here, not %s",
        matrix.storage());
    return matrix.storage().memory().asSlice(4 * matrix.offset());
  }

  /** At least 1: BLAS refuses the stride 0 of a matrix without columns. */
  private static int stride(Matrix matrix) {
    return Math.max(1, Math.toIntExact(matrix.rowStride()));
  }
}
