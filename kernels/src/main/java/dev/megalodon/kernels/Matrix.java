package dev.megalodon.kernels;

/**
 * A matrix inside a tensor's memory, as matrix multiplication sees it.
 *
 * @param storage the tensor that holds it
 * @param offset elements before entry (0, 0)
 * @param rows rows as stored
 * @param cols columns as stored
 * @param rowStride elements from one stored row to the next, at least {@code cols}
 * @param transposed whether the operation reads it transposed
 */
public record Matrix(
    Tensor storage, long offset, long rows, long cols, long rowStride, boolean transposed) {

  /** Checks that the matrix lies in its storage. */
  public Matrix {
    boolean inside =
        offset >= 0
            && rowStride >= cols
            && (rows == 0 || offset + (rows - 1) * rowStride + cols <= storage.size());
    if (!inside) {
      throw new IllegalArgumentException(
          "%d x %d with row stride %d at %d does not lie in %s"
              .formatted(rows, cols, rowStride, offset, storage));
    }
  }

  /** All of a tensor as (product of the leading dimensions) x (last dimension). */
  public static Matrix of(Tensor tensor) {
    return new Matrix(tensor, 0, tensor.rows(), tensor.dim(-1), tensor.dim(-1), false);
  }

  /** A block of a tensor seen as rows of {@code rowStride} elements. */
  public static Matrix block(Tensor tensor, long offset, long rows, long cols, long rowStride) {
    return new Matrix(tensor, offset, rows, cols, rowStride, false);
  }

  /** The same memory read the other way round. */
  public Matrix transpose() {
    return new Matrix(storage, offset, rows, cols, rowStride, !transposed);
  }

  /** Index in the storage of entry (i, j) as the operation reads it. */
  public long index(long i, long j) {
    return transposed ? offset + j * rowStride + i : offset + i * rowStride + j;
  }

  /** Rows as the operation reads it. */
  public long effectiveRows() {
    return transposed ? cols : rows;
  }

  /** Columns as the operation reads it. */
  public long effectiveCols() {
    return transposed ? rows : cols;
  }
}
