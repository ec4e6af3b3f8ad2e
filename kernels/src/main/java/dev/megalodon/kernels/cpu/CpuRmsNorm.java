package dev.megalodon.kernels.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.megalodon.kernels.RmsNorm;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.RowsShape;
import dev.megalodon.kernels.shape.Shapes;
import java.util.Optional;

/** y = x·ρ·(w + 1) with ρ = (mean x² + ε)^−½, in blocks of rows. */
final class CpuRmsNorm implements RmsNorm {
  private static final int X = 0;
  private static final int DY = 1;
  private static final int G = 2;
  private static final int SHARED_WEIGHT = 0;
  private static final int SHARED_PARTIALS = 1;
  private static final int SHARED_COLUMNS = 0;

  private final Processor processor;

  CpuRmsNorm(Processor processor) {
    this.processor = processor;
  }

  @Override
  public void forward(
      Tensor x, Optional<Tensor> weight, double epsilon, Tensor y, Tensor inverseRms) {
    RowsShape shape = RowsShape.of(x).sameSize("y", y).perRow("inverseRms", inverseRms);
    RowBlocks blocks = RowBlocks.of(shape.perColumn("weight", weight));
    float[] w = weightRow(weight, blocks);
    processor.forEach(
        blocks.count(),
        blocks.work(),
        (scratch, first, end) -> {
          float[] tile = scratch.floats(X, blocks.tileSize());
          for (long block = first; block < end; block++) {
            blocks.load(x, block, tile);
            for (int r = 0; r < blocks.rowsOf(block); r++) {
              int at = r * blocks.stride();
              float rho = inverseRms(tile, at, blocks, epsilon, scratch.lanes);
              NormKernels.scale(tile, at, rho, w, tile, at, blocks.stride());
              inverseRms.memory().setAtIndex(JAVA_FLOAT, blocks.firstRow(block) + r, rho);
            }
            blocks.store(tile, block, y);
          }
        });
  }

  private float[] weightRow(Optional<Tensor> weight, RowBlocks blocks) {
    float[] row = processor.shared().floats(SHARED_WEIGHT, blocks.stride());
    Weights.loadPlusOne(weight, blocks.width(), row);
    return row;
  }

  private static float inverseRms(
      float[] tile, int at, RowBlocks blocks, double epsilon, float[] lanes) {
    double squares = Lanes.dot(tile, at, tile, at, blocks.stride(), lanes);
    return (float) (1 / Math.sqrt(squares / blocks.width() + epsilon));
  }

  /** With ĝ = dy·(w + 1): dx = ρ·ĝ − x·ρ³·mean(ĝ·x), dw = Σ dy·x·ρ. */
  @Override
  public void backward(
      Tensor dy,
      Tensor x,
      Optional<Tensor> weight,
      Tensor inverseRms,
      Tensor dx,
      Optional<Tensor> dWeight) {
    RowsShape shape = RowsShape.of(x).sameSize("dy", dy).sameSize("dx", dx);
    shape.perRow("inverseRms", inverseRms).perColumn("weight", weight);
    shape.perColumn("dWeight", dWeight);
    Shapes.require(
        weight.isPresent() == dWeight.isPresent(), "dWeight is there exactly when the weight is");
    RowBlocks blocks = RowBlocks.of(shape);
    float[] w = weightRow(weight, blocks);
    float[] partials = processor.shared().floats(SHARED_PARTIALS, blocks.count() * blocks.stride());
    processor.forEach(
        blocks.count(),
        blocks.work(),
        (scratch, first, end) -> {
          for (long block = first; block < end; block++) {
            backwardBlock(scratch, blocks, block, dy, x, w, inverseRms, dx, partials);
          }
        });
    if (dWeight.isPresent()) {
      double[] columns = processor.shared().doubles(SHARED_COLUMNS, blocks.stride());
      blocks.addColumnSums(partials, columns, dWeight.get());
    }
  }

  private static void backwardBlock(
      Scratch scratch,
      RowBlocks blocks,
      long block,
      Tensor dy,
      Tensor x,
      float[] w,
      Tensor inverseRms,
      Tensor dx,
      float[] partials) {
    int stride = blocks.stride();
    float[] inputs = scratch.floats(X, blocks.tileSize());
    float[] gradients = scratch.floats(DY, blocks.tileSize());
    float[] weighted = scratch.floats(G, stride);
    int sums = blocks.clearSums(partials, block);
    blocks.load(x, block, inputs);
    blocks.load(dy, block, gradients);
    for (int r = 0; r < blocks.rowsOf(block); r++) {
      int at = r * stride;
      float rho = inverseRms.memory().getAtIndex(JAVA_FLOAT, blocks.firstRow(block) + r);
      NormKernels.weightGradient(gradients, inputs, at, rho, partials, sums, stride);
      NormKernels.weigh(gradients, at, w, 0, weighted, stride);
      double product = Lanes.dot(weighted, 0, inputs, at, stride, scratch.lanes);
      float slope = (float) (-(double) rho * rho * rho * product / blocks.width());
      NormKernels.inputGradient(weighted, rho, inputs, at, slope, 0, gradients, stride);
    }
    blocks.store(gradients, block, dx);
  }
}
