package dev.megalodon.kernels.gemm;

import dev.megalodon.kernels.Matrix;
import java.lang.foreign.MemorySegment;

/** Copies of parts of matrices in the layouts that {@link GemmKernels} reads. */
final class Packing {
  /** Terms transposed at a time: with the rows of a block they stay in the first-level cache. */
  private static final int TRANSPOSED_TERMS = 32;

  private Packing() {}

  /**
   * Rows of A, {@link GemmKernels#A_STRIDE} elements apart in {@code target}.
   *
   * @param stored room for the rows as they lie in memory
   */
  static void rowsOfA(
      Matrix a,
      Reading reading,
      int row,
      int rows,
      int k,
      int depth,
      float[] target,
      float[] stored) {
    MemorySegment memory = a.storage().memory();
    if (!a.transposed()) {
      for (int i = 0; i < rows; i++) {
        reading.copy(memory, a.index(row + i, k), target, i * GemmKernels.A_STRIDE, depth);
      }
      return;
    }
    for (int from = 0; from < depth; from += TRANSPOSED_TERMS) {
      int terms = Math.min(TRANSPOSED_TERMS, depth - from);
      for (int term = 0; term < terms; term++) {
        reading.copy(memory, a.index(row, k + from + term), stored, term * rows, rows);
      }
      transpose(stored, rows, terms, rows, target, from, GemmKernels.A_STRIDE);
    }
  }

  /** Columns of B as rows of {@link GemmKernels#COLUMNS} elements, one per term. */
  static void panelOfB(
      Matrix b,
      Reading reading,
      int column,
      int width,
      int k,
      float[] target,
      int at,
      float[] stored) {
    if (b.transposed()) {
      for (int from = 0; from < k; from += GemmKernels.DEPTH) {
        int depth = Math.min(GemmKernels.DEPTH, k - from);
        int to = at + from * GemmKernels.COLUMNS;
        transposedPiece(b, reading, column, width, from, depth, target, to, stored);
      }
      return;
    }
    MemorySegment memory = b.storage().memory();
    for (int i = 0; i < k; i++) {
      reading.copy(memory, b.index(i, column), target, at + i * GemmKernels.COLUMNS, width);
    }
  }

  private static void transposedPiece(
      Matrix b,
      Reading reading,
      int column,
      int width,
      int k,
      int depth,
      float[] target,
      int at,
      float[] stored) {
    MemorySegment memory = b.storage().memory();
    for (int j = 0; j < width; j++) {
      reading.copy(memory, b.index(k, column + j), stored, j * depth, depth);
    }
    transpose(stored, depth, width, depth, target, at, GemmKernels.COLUMNS);
  }

  /** target[j][i] = source[i][j] for all rows i. */
  private static void transpose(
      float[] source, int stride, int rows, int columns, float[] target, int at, int toStride) {
    int row = 0;
    for (; row + 8 <= rows; row += 8) {
      GemmKernels.transpose8(source, row * stride, stride, columns, target, at + row, toStride);
    }
    for (; row < rows; row++) {
      for (int j = 0; j < columns; j++) {
        target[at + j * toStride + row] = source[row * stride + j];
      }
    }
  }
}
