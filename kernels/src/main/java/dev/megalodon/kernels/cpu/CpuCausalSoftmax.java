package dev.megalodon.kernels.cpu;

import dev.megalodon.kernels.CausalSoftmax;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.shape.SoftmaxShape;
import java.util.Arrays;

/** Rows in tiles; what a row does not see is −∞ before the exponential and 0 after it. */
final class CpuCausalSoftmax implements CausalSoftmax {
  private static final int SCORES = 0;
  private static final int GRADIENTS = 1;

  private final Processor processor;

  CpuCausalSoftmax(Processor processor) {
    this.processor = processor;
  }

  @Override
  public void forward(Matrix scores, long diagonal) {
    SoftmaxShape shape = SoftmaxShape.of(scores, diagonal);
    RowBlocks blocks = RowBlocks.of(shape.rows(), shape.cols());
    processor.forEach(
        blocks.count(),
        blocks.work(),
        (scratch, first, end) -> {
          float[] tile = scratch.floats(SCORES, blocks.tileSize());
          for (long block = first; block < end; block++) {
            load(scores, blocks, block, tile);
            for (int r = 0; r < blocks.rowsOf(block); r++) {
              int visible = shape.visible(blocks.firstRow(block) + r);
              softmaxRow(tile, r * blocks.stride(), visible, blocks.stride(), scratch.lanes);
            }
            store(tile, scores, blocks, block);
          }
        });
  }

  private static void softmaxRow(float[] tile, int at, int visible, int stride, float[] lanes) {
    int n = Lanes.padded(visible);
    if (visible > 0) {
      Arrays.fill(tile, at + visible, at + n, Float.NEGATIVE_INFINITY);
      float max = Lanes.max(tile, at, n, lanes);
      float sum = SoftmaxKernels.exponentials(tile, at, max, n, lanes);
      SoftmaxKernels.scale(tile, at, 1 / sum, n);
    }
    Arrays.fill(tile, at + visible, at + stride, 0);
  }

  @Override
  public void backward(Matrix probabilities, Matrix dProbabilities, long diagonal) {
    SoftmaxShape shape = SoftmaxShape.of(probabilities, diagonal).same(dProbabilities);
    RowBlocks blocks = RowBlocks.of(shape.rows(), shape.cols());
    processor.forEach(
        blocks.count(),
        blocks.work(),
        (scratch, first, end) -> {
          float[] p = scratch.floats(SCORES, blocks.tileSize());
          float[] dp = scratch.floats(GRADIENTS, blocks.tileSize());
          for (long block = first; block < end; block++) {
            load(probabilities, blocks, block, p);
            load(dProbabilities, blocks, block, dp);
            for (int r = 0; r < blocks.rowsOf(block); r++) {
              int visible = shape.visible(blocks.firstRow(block) + r);
              backwardRow(p, dp, r * blocks.stride(), visible, blocks.stride(), scratch.lanes);
            }
            store(dp, dProbabilities, blocks, block);
          }
        });
  }

  private static void backwardRow(
      float[] p, float[] dp, int at, int visible, int stride, float[] lanes) {
    int n = Lanes.padded(visible);
    Arrays.fill(dp, at + visible, at + stride, 0);
    float product = Lanes.dot(p, at, dp, at, n, lanes);
    SoftmaxKernels.backward(p, dp, at, product, n);
    Arrays.fill(dp, at + visible, at + n, 0);
  }

  private static void load(Matrix matrix, RowBlocks blocks, long block, float[] tile) {
    Tiles.loadRows(
        matrix.storage(),
        matrix.index(blocks.firstRow(block), 0),
        matrix.rowStride(),
        blocks.rowsOf(block),
        blocks.width(),
        tile,
        blocks.stride());
  }

  private static void store(float[] tile, Matrix matrix, RowBlocks blocks, long block) {
    Tiles.storeRows(
        tile,
        blocks.stride(),
        blocks.rowsOf(block),
        blocks.width(),
        matrix.storage(),
        matrix.index(blocks.firstRow(block), 0),
        matrix.rowStride());
  }
}
