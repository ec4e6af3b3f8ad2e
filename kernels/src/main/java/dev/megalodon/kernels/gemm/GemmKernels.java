package dev.megalodon.kernels.gemm;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of {@link VectorGemm}. A tile of C is 8 rows by two vectors; on machines with 16 vector
 * registers it is computed in halves of 4 rows, so that the sums stay in registers.
 *
 * <p>No vector is an argument or a result of a method here. When a caller of several of these
 * methods is compiled, C2 stops inlining all but the JDK's own in the middle of one of them (at
 * {@code NodeCountInliningCutoff}), and a vector that crosses a call is an object.
 */
final class GemmKernels {
  /** Rows of a tile. */
  static final int ROWS = 8;

  /** Terms of one pass: elements of a row in a packed block of A. */
  static final int DEPTH = 256;

  /** From one packed row of A to the next: a cache line more, or all rows meet in a few sets. */
  static final int A_STRIDE = DEPTH + 16;

  private static final VectorSpecies<Float> SPECIES =
      FloatVector.SPECIES_PREFERRED.length() > 16
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;

  private static final int LANES = SPECIES.length();

  /** Columns of a tile. */
  static final int COLUMNS = 2 * LANES;

  private static final boolean WIDE = LANES >= 16;

  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private GemmKernels() {}

  /** Bits of the machine's vectors. */
  static int vectorBits() {
    return SPECIES.vectorBitSize();
  }

  /**
   * tile = A·B over {@code depth} terms, each sum in the order of its terms.
   *
   * @param a rows {@link #A_STRIDE} elements apart, the first at {@code aAt}
   * @param b rows of {@link #COLUMNS} elements, one per term, the first at {@code bAt}
   * @param tile (ROWS, COLUMNS), overwritten
   */
  static void multiply(float[] a, int aAt, float[] b, int bAt, int depth, float[] tile) {
    if (WIDE) {
      multiply8(a, aAt, b, bAt, depth, tile);
    } else {
      multiply4(a, aAt, b, bAt, depth, tile, 0);
      multiply4(a, aAt + 4 * A_STRIDE, b, bAt, depth, tile, 4 * COLUMNS);
    }
  }

  private static void multiply4(
      float[] a, int aAt, float[] b, int bAt, int depth, float[] tile, int at) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = c00;
    FloatVector c10 = c00;
    FloatVector c11 = c00;
    FloatVector c20 = c00;
    FloatVector c21 = c00;
    FloatVector c30 = c00;
    FloatVector c31 = c00;
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = fromArray(SPECIES, b, bAt + k * COLUMNS);
      FloatVector b1 = fromArray(SPECIES, b, bAt + k * COLUMNS + LANES);
      FloatVector a0 = broadcast(SPECIES, a[aAt + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = broadcast(SPECIES, a[aAt + A_STRIDE + k]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = broadcast(SPECIES, a[aAt + 2 * A_STRIDE + k]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = broadcast(SPECIES, a[aAt + 3 * A_STRIDE + k]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    c00.intoArray(tile, at);
    c01.intoArray(tile, at + LANES);
    c10.intoArray(tile, at + COLUMNS);
    c11.intoArray(tile, at + COLUMNS + LANES);
    c20.intoArray(tile, at + 2 * COLUMNS);
    c21.intoArray(tile, at + 2 * COLUMNS + LANES);
    c30.intoArray(tile, at + 3 * COLUMNS);
    c31.intoArray(tile, at + 3 * COLUMNS + LANES);
  }

  private static void multiply8(float[] a, int aAt, float[] b, int bAt, int depth, float[] tile) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = c00;
    FloatVector c10 = c00;
    FloatVector c11 = c00;
    FloatVector c20 = c00;
    FloatVector c21 = c00;
    FloatVector c30 = c00;
    FloatVector c31 = c00;
    FloatVector c40 = c00;
    FloatVector c41 = c00;
    FloatVector c50 = c00;
    FloatVector c51 = c00;
    FloatVector c60 = c00;
    FloatVector c61 = c00;
    FloatVector c70 = c00;
    FloatVector c71 = c00;
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = fromArray(SPECIES, b, bAt + k * COLUMNS);
      FloatVector b1 = fromArray(SPECIES, b, bAt + k * COLUMNS + LANES);
      FloatVector a0 = broadcast(SPECIES, a[aAt + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = broadcast(SPECIES, a[aAt + A_STRIDE + k]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = broadcast(SPECIES, a[aAt + 2 * A_STRIDE + k]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = broadcast(SPECIES, a[aAt + 3 * A_STRIDE + k]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = broadcast(SPECIES, a[aAt + 4 * A_STRIDE + k]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = broadcast(SPECIES, a[aAt + 5 * A_STRIDE + k]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = broadcast(SPECIES, a[aAt + 6 * A_STRIDE + k]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = broadcast(SPECIES, a[aAt + 7 * A_STRIDE + k]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
    }
    c00.intoArray(tile, 0);
    c01.intoArray(tile, LANES);
    c10.intoArray(tile, COLUMNS);
    c11.intoArray(tile, COLUMNS + LANES);
    c20.intoArray(tile, 2 * COLUMNS);
    c21.intoArray(tile, 2 * COLUMNS + LANES);
    c30.intoArray(tile, 3 * COLUMNS);
    c31.intoArray(tile, 3 * COLUMNS + LANES);
    c40.intoArray(tile, 4 * COLUMNS);
    c41.intoArray(tile, 4 * COLUMNS + LANES);
    c50.intoArray(tile, 5 * COLUMNS);
    c51.intoArray(tile, 5 * COLUMNS + LANES);
    c60.intoArray(tile, 6 * COLUMNS);
    c61.intoArray(tile, 6 * COLUMNS + LANES);
    c70.intoArray(tile, 7 * COLUMNS);
    c71.intoArray(tile, 7 * COLUMNS + LANES);
  }

  /**
   * Rows of COLUMNS of C: c = alpha·tile + beta·c.
   *
   * @param byteAt where the first row begins
   * @param byteStride from one row of C to the next
   */
  static void merge(
      float[] tile,
      int rows,
      float alpha,
      float beta,
      MemorySegment c,
      long byteAt,
      long byteStride) {
    long to = byteAt;
    for (int at = 0; at < rows * COLUMNS; at += COLUMNS) {
      FloatVector left = fromArray(SPECIES, tile, at);
      FloatVector right = fromArray(SPECIES, tile, at + LANES);
      FloatVector oldLeft = fromMemorySegment(SPECIES, c, to, ORDER);
      FloatVector oldRight = fromMemorySegment(SPECIES, c, to + 4L * LANES, ORDER);
      FloatVector factor = broadcast(SPECIES, alpha);
      left.fma(factor, oldLeft.mul(beta)).intoMemorySegment(c, to, ORDER);
      right.fma(factor, oldRight.mul(beta)).intoMemorySegment(c, to + 4L * LANES, ORDER);
      to += byteStride;
    }
  }

  /** As {@link #merge} with beta = 0, without reading C. */
  static void replace(
      float[] tile, int rows, float alpha, MemorySegment c, long byteAt, long byteStride) {
    long to = byteAt;
    for (int at = 0; at < rows * COLUMNS; at += COLUMNS) {
      FloatVector left = fromArray(SPECIES, tile, at);
      FloatVector right = fromArray(SPECIES, tile, at + LANES);
      left.mul(alpha).intoMemorySegment(c, to, ORDER);
      right.mul(alpha).intoMemorySegment(c, to + 4L * LANES, ORDER);
      to += byteStride;
    }
  }

  /** Copies COLUMNS elements. */
  static void copyRow(MemorySegment source, long byteAt, float[] target, int at) {
    for (int i = 0; i < COLUMNS; i += LANES) {
      fromMemorySegment(SPECIES, source, byteAt + 4L * i, ORDER).intoArray(target, at + i);
    }
  }

  /** target[j][i] = source[i][j] for eight rows i, rows of the given strides. */
  static void transpose8(
      float[] source, int from, int stride, int columns, float[] target, int to, int toStride) {
    for (int j = 0; j < columns; j++) {
      int at = to + j * toStride;
      target[at] = source[from + j];
      target[at + 1] = source[from + stride + j];
      target[at + 2] = source[from + 2 * stride + j];
      target[at + 3] = source[from + 3 * stride + j];
      target[at + 4] = source[from + 4 * stride + j];
      target[at + 5] = source[from + 5 * stride + j];
      target[at + 6] = source[from + 6 * stride + j];
      target[at + 7] = source[from + 7 * stride + j];
    }
  }
}
