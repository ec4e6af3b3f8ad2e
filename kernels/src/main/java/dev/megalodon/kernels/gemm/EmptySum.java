package dev.megalodon.kernels.gemm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.shape.GemmShape;
import java.lang.foreign.MemorySegment;

/** The product of matrices that have no terms to add. */
final class EmptySum {
  private EmptySum() {}

  /** What it leaves: C = beta·C, without reading C when beta is 0. */
  static void scale(float beta, Matrix c, GemmShape shape) {
    MemorySegment memory = c.storage().memory();
    for (int i = 0; i < shape.m(); i++) {
      for (int j = 0; j < shape.n(); j++) {
        long at = c.index(i, j);
        memory.setAtIndex(JAVA_FLOAT, at, beta == 0 ? 0 : beta * memory.getAtIndex(JAVA_FLOAT, at));
      }
    }
  }
}
