package dev.megalodon.kernels.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.megalodon.kernels.LayerNorm;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.RowsShape;
import java.util.Arrays;

/** y = x̂·(w + 1) + b with x̂ = (x − mean)·ρ and ρ = (variance + ε)^−½, in blocks of rows. */
final class CpuLayerNorm implements LayerNorm {
  private static final int X = 0;
  private static final int DY = 1;
  private static final int G = 2;
  private static final int SHARED_WEIGHT = 0;
  private static final int SHARED_BIAS = 1;
  private static final int SHARED_WEIGHT_PARTIALS = 2;
  private static final int SHARED_BIAS_PARTIALS = 3;
  private static final int SHARED_COLUMNS = 0;

  private final Processor processor;

  CpuLayerNorm(Processor processor) {
    this.processor = processor;
  }

  @Override
  public void forward(
      Tensor x,
      Tensor weight,
      Tensor bias,
      double epsilon,
      Tensor y,
      Tensor mean,
      Tensor inverseDeviation) {
    RowsShape shape = RowsShape.of(x).sameSize("y", y);
    shape.perColumn("weight", weight).perColumn("bias", bias);
    shape.perRow("mean", mean).perRow("inverseDeviation", inverseDeviation);
    RowBlocks blocks = RowBlocks.of(shape);
    float[] w = weightRow(weight, blocks);
    float[] b = processor.shared().floats(SHARED_BIAS, blocks.stride());
    Weights.load(bias, 0, blocks.width(), b, 0);
    processor.forEach(
        blocks.count(),
        blocks.work(),
        (scratch, first, end) -> {
          float[] tile = scratch.floats(X, blocks.tileSize());
          for (long block = first; block < end; block++) {
            blocks.load(x, block, tile);
            for (int r = 0; r < blocks.rowsOf(block); r++) {
              long row = blocks.firstRow(block) + r;
              int at = r * blocks.stride();
              float rowMean = centre(tile, at, blocks, scratch.lanes);
              float rho = inverseDeviation(tile, at, blocks, epsilon, scratch.lanes);
              NormKernels.affine(tile, at, rho, w, b, 0, tile, blocks.stride());
              mean.memory().setAtIndex(JAVA_FLOAT, row, rowMean);
              inverseDeviation.memory().setAtIndex(JAVA_FLOAT, row, rho);
            }
            blocks.store(tile, block, y);
          }
        });
  }

  private float[] weightRow(Tensor weight, RowBlocks blocks) {
    float[] row = processor.shared().floats(SHARED_WEIGHT, blocks.stride());
    Weights.loadPlusOne(weight, 0, blocks.width(), row, 0);
    return row;
  }

  /** Subtracts the row's mean, which is returned; the padding stays 0. */
  private static float centre(float[] tile, int at, RowBlocks blocks, float[] lanes) {
    float mean = (float) ((double) Lanes.sum(tile, at, blocks.stride(), lanes) / blocks.width());
    subtract(tile, at, mean, blocks);
    return mean;
  }

  private static void subtract(float[] tile, int at, float mean, RowBlocks blocks) {
    NormKernels.centre(tile, at, mean, blocks.stride());
    Arrays.fill(tile, at + blocks.width(), at + blocks.stride(), 0);
  }

  private static float inverseDeviation(
      float[] centred, int at, RowBlocks blocks, double epsilon, float[] lanes) {
    double squares = Lanes.dot(centred, at, centred, at, blocks.stride(), lanes);
    return (float) (1 / Math.sqrt(squares / blocks.width() + epsilon));
  }

  /**
   * With ĝ = dy·(w + 1) and c = x − mean: dx = ρ·ĝ − c·ρ³·mean(ĝ·c) − ρ·mean ĝ, dw = Σ dy·c·ρ, db =
   * Σ dy.
   */
  @Override
  public void backward(
      Tensor dy,
      Tensor x,
      Tensor weight,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dx,
      Tensor dWeight,
      Tensor dBias) {
    RowsShape shape = RowsShape.of(x).sameSize("dy", dy).sameSize("dx", dx);
    shape.perColumn("weight", weight).perColumn("dWeight", dWeight).perColumn("dBias", dBias);
    shape.perRow("mean", mean).perRow("inverseDeviation", inverseDeviation);
    RowBlocks blocks = RowBlocks.of(shape);
    float[] w = weightRow(weight, blocks);
    int sums = blocks.count() * blocks.stride();
    float[] weightPartials = processor.shared().floats(SHARED_WEIGHT_PARTIALS, sums);
    float[] biasPartials = processor.shared().floats(SHARED_BIAS_PARTIALS, sums);
    processor.forEach(
        blocks.count(),
        blocks.work(),
        (scratch, first, end) -> {
          for (long block = first; block < end; block++) {
            float[] inputs = scratch.floats(X, blocks.tileSize());
            float[] gradients = scratch.floats(DY, blocks.tileSize());
            blocks.load(x, block, inputs);
            blocks.load(dy, block, gradients);
            blocks.clearSums(weightPartials, block);
            int at = blocks.clearSums(biasPartials, block);
            for (int r = 0; r < blocks.rowsOf(block); r++) {
              long row = blocks.firstRow(block) + r;
              float rowMean = mean.memory().getAtIndex(JAVA_FLOAT, row);
              float rho = inverseDeviation.memory().getAtIndex(JAVA_FLOAT, row);
              subtract(inputs, r * blocks.stride(), rowMean, blocks);
              PointwiseKernels.addAt(
                  gradients, r * blocks.stride(), biasPartials, at, blocks.stride());
              NormKernels.weightGradient(
                  gradients, inputs, r * blocks.stride(), rho, weightPartials, at, blocks.stride());
              backwardRow(scratch, blocks, r, inputs, gradients, w, rho);
            }
            blocks.store(gradients, block, dx);
          }
        });
    double[] columns = processor.shared().doubles(SHARED_COLUMNS, blocks.stride());
    blocks.addColumnSums(weightPartials, columns, dWeight);
    blocks.addColumnSums(biasPartials, columns, dBias);
  }

  /** Turns dy into dx for one row of centred inputs. */
  private static void backwardRow(
      Scratch scratch,
      RowBlocks blocks,
      int r,
      float[] centred,
      float[] gradients,
      float[] w,
      float rho) {
    int stride = blocks.stride();
    int at = r * stride;
    float[] weighted = scratch.floats(G, stride);
    NormKernels.weigh(gradients, at, w, 0, weighted, stride);
    double sum = Lanes.sum(weighted, 0, stride, scratch.lanes);
    double product = Lanes.dot(weighted, 0, centred, at, stride, scratch.lanes);
    float slope = (float) (-(double) rho * rho * rho * product / blocks.width());
    float constant = (float) (-rho * sum / blocks.width());
    NormKernels.inputGradient(weighted, rho, centred, at, slope, constant, gradients, stride);
  }
}
