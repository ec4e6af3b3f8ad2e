package dev.megalodon.kernels.cpu;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.RowsShape;
import java.util.Arrays;

/**
 * Rows of a matrix in blocks that fit the cache. A block's size is a function of the width alone,
 * so sums over a block, and over the blocks in turn, have an order that nothing else can change.
 *
 * @param rows rows of the matrix
 * @param width elements of a row
 * @param stride elements of a row in a tile: the width, padded to whole logical vectors
 * @param blockRows rows of all blocks but the last
 */
record RowBlocks(long rows, int width, int stride, int blockRows) {
  private static final int BLOCK_ELEMENTS = 8192;
  private static final int MAX_BLOCK_ROWS = 128;

  static RowBlocks of(RowsShape shape) {
    return of(shape.rows(), shape.width());
  }

  static RowBlocks of(long rows, int width) {
    int stride = Lanes.padded(width);
    int blockRows = Math.clamp(BLOCK_ELEMENTS / Math.max(1, stride), 1, MAX_BLOCK_ROWS);
    return new RowBlocks(rows, width, stride, blockRows);
  }

  /** Number of blocks. */
  int count() {
    return Math.toIntExact(Math.ceilDiv(rows, (long) blockRows));
  }

  /** Elements of a block. */
  int work() {
    return blockRows * stride;
  }

  /** Elements of a tile that holds a block. */
  int tileSize() {
    return blockRows * stride;
  }

  /** Rows of one block. */
  int rowsOf(long block) {
    return (int) Math.min(blockRows, rows - block * blockRows);
  }

  /** First row of a block. */
  long firstRow(long block) {
    return block * blockRows;
  }

  void load(Tensor source, long block, float[] tile) {
    Tiles.loadRows(source, firstRow(block) * width, width, rowsOf(block), width, tile, stride);
  }

  void store(float[] tile, long block, Tensor target) {
    Tiles.storeRows(tile, stride, rowsOf(block), width, target, firstRow(block) * width, width);
  }

  /** Clears a block's row of column sums and returns where it begins. */
  int clearSums(float[] partials, long block) {
    int from = Math.toIntExact(block * stride);
    Arrays.fill(partials, from, from + stride, 0);
    return from;
  }

  /**
   * Adds per-block column sums, in the order of the blocks and in double, to a parameter's
   * gradient.
   *
   * @param partials (blocks, stride)
   * @param columns (stride) of scratch
   */
  void addColumnSums(float[] partials, double[] columns, Tensor gradient) {
    Arrays.fill(columns, 0, stride, 0);
    for (int block = 0; block < count(); block++) {
      for (int k = 0; k < stride; k++) {
        columns[k] += partials[block * stride + k];
      }
    }
    Gradients.add(columns, width, gradient, 0);
  }
}
