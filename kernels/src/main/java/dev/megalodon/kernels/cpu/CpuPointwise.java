package dev.megalodon.kernels.cpu;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Pointwise;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.host.Bfloat16;
import dev.megalodon.kernels.host.HostElements;
import dev.megalodon.kernels.shape.RowsShape;
import dev.megalodon.kernels.shape.Shapes;
import java.util.Arrays;

/** Element-wise operations, tile by tile. */
final class CpuPointwise implements Pointwise {
  /** Elements of a tile: three of them fit the first-level cache. */
  private static final int TILE = 2048;

  private static final int A = 0;
  private static final int B = 1;
  private static final int C = 2;
  private static final int SHARED_PARTIALS = 0;
  private static final int SHARED_COLUMNS = 0;

  private final Processor processor;

  CpuPointwise(Processor processor) {
    this.processor = processor;
  }

  /** Work on {@code count} elements from {@code from}, at most a tile. */
  @FunctionalInterface
  private interface TileKernel {
    void run(Scratch scratch, long from, int count);
  }

  private void forEachTile(long size, TileKernel kernel) {
    processor.forEach(
        Math.ceilDiv(size, (long) TILE),
        TILE,
        (scratch, first, end) -> {
          for (long tile = first; tile < end; tile++) {
            long from = tile * TILE;
            kernel.run(scratch, from, (int) Math.min(TILE, size - from));
          }
        });
  }

  private static float[] load(Scratch scratch, int slot, Tensor source, long from, int count) {
    float[] tile = scratch.floats(slot, TILE);
    Tiles.load(source, from, count, tile);
    return tile;
  }

  @Override
  public void fill(Tensor target, double value) {
    if (target.type() == ElementType.FLOAT64) {
      for (long i = 0; i < target.size(); i++) {
        HostElements.set(target, i, value);
      }
      return;
    }
    requireFloats(target);
    forEachTile(
        target.size(),
        (scratch, from, count) -> {
          float[] tile = scratch.floats(A, TILE);
          Arrays.fill(tile, 0, count, (float) value);
          Tiles.store(tile, count, target, from);
        });
  }

  private static void requireFloats(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      Shapes.expect("operand", tensor, ElementType.FLOAT32, tensors[0].size());
    }
  }

  @Override
  public void copy(Tensor source, Tensor target) {
    Shapes.expect("target", target, source.size());
    if (source.type() == target.type()) {
      target.memory().copyFrom(source.memory());
      return;
    }
    if (source.type() == ElementType.FLOAT32 && target.type() == ElementType.BFLOAT16) {
      forEachTile(
          source.size(),
          (scratch, from, count) ->
              Bfloat16.narrow(source.memory(), 4 * from, target.memory(), 2 * from, count));
      return;
    }
    for (long i = 0; i < source.size(); i++) {
      HostElements.set(target, i, HostElements.get(source, i));
    }
  }

  @Override
  public void accumulate(double scale, Tensor source, Tensor target) {
    requireFloats(source, target);
    forEachTile(
        source.size(),
        (scratch, from, count) -> {
          float[] sum = load(scratch, B, target, from, count);
          PointwiseKernels.accumulate(
              (float) scale, load(scratch, A, source, from, count), sum, Lanes.padded(count));
          Tiles.store(sum, count, target, from);
        });
  }

  @Override
  public void add(Tensor a, Tensor b, Tensor sum) {
    requireFloats(a, b, sum);
    forEachTile(
        a.size(),
        (scratch, from, count) -> {
          float[] tile = load(scratch, A, a, from, count);
          PointwiseKernels.add(tile, load(scratch, B, b, from, count), tile, Lanes.padded(count));
          Tiles.store(tile, count, sum, from);
        });
  }

  @Override
  public void scale(Tensor target, double factor) {
    requireFloats(target);
    forEachTile(
        target.size(),
        (scratch, from, count) -> {
          float[] tile = load(scratch, A, target, from, count);
          PointwiseKernels.scale(tile, (float) factor, Lanes.padded(count));
          Tiles.store(tile, count, target, from);
        });
  }

  @Override
  public void silu(Tensor x, Tensor y) {
    requireFloats(x, y);
    forEachTile(
        x.size(),
        (scratch, from, count) -> {
          float[] tile = load(scratch, A, x, from, count);
          PointwiseKernels.silu(tile, tile, Lanes.padded(count));
          Tiles.store(tile, count, y, from);
        });
  }

  @Override
  public void siluBackward(Tensor dy, Tensor x, Tensor dx) {
    requireFloats(dy, x, dx);
    forEachTile(
        x.size(),
        (scratch, from, count) -> {
          float[] tile = load(scratch, A, dy, from, count);
          PointwiseKernels.siluBackward(
              tile, load(scratch, B, x, from, count), tile, Lanes.padded(count));
          Tiles.store(tile, count, dx, from);
        });
  }

  @Override
  public void multiply(Tensor a, Tensor b, Tensor product) {
    requireFloats(a, b, product);
    forEachTile(
        a.size(),
        (scratch, from, count) -> {
          float[] tile = load(scratch, A, a, from, count);
          PointwiseKernels.multiply(
              tile, load(scratch, B, b, from, count), tile, Lanes.padded(count));
          Tiles.store(tile, count, product, from);
        });
  }

  @Override
  public void multiplyBackward(Tensor dProduct, Tensor a, Tensor b, Tensor da, Tensor db) {
    requireFloats(dProduct, a, b, da, db);
    forEachTile(
        a.size(),
        (scratch, from, count) -> {
          int n = Lanes.padded(count);
          float[] gradient = load(scratch, A, dProduct, from, count);
          float[] left = load(scratch, B, a, from, count);
          float[] right = load(scratch, C, b, from, count);
          PointwiseKernels.multiply(gradient, right, right, n);
          PointwiseKernels.multiply(gradient, left, left, n);
          Tiles.store(right, count, da, from);
          Tiles.store(left, count, db, from);
        });
  }

  @Override
  public void swiglu(Tensor gate, Tensor up, Tensor h) {
    requireFloats(gate, up, h);
    forEachTile(
        gate.size(),
        (scratch, from, count) -> {
          float[] tile = load(scratch, A, gate, from, count);
          PointwiseKernels.swiglu(
              tile, load(scratch, B, up, from, count), tile, Lanes.padded(count));
          Tiles.store(tile, count, h, from);
        });
  }

  @Override
  public void swigluBackward(Tensor dh, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
    requireFloats(dh, gate, up, dGate, dUp);
    forEachTile(
        gate.size(),
        (scratch, from, count) -> {
          float[] gradient = load(scratch, A, dh, from, count);
          float[] gates = load(scratch, B, gate, from, count);
          float[] ups = load(scratch, C, up, from, count);
          PointwiseKernels.swigluBackward(gradient, gates, ups, Lanes.padded(count));
          Tiles.store(gates, count, dGate, from);
          Tiles.store(gradient, count, dUp, from);
        });
  }

  /** One row of a tile against a row of parameters. */
  @FunctionalInterface
  private interface RowKernel {
    void run(float[] tile, int at, float[] parameters, int width);
  }

  /** y = kernel(x, parameters) row by row; y may be x. */
  private void forEachRow(Tensor x, Tensor parameters, Tensor y, RowKernel kernel) {
    RowBlocks blocks = RowBlocks.of(RowsShape.of(x).perColumn("parameters", parameters));
    requireFloats(x, y);
    float[] row = processor.shared().floats(SHARED_PARTIALS, blocks.stride());
    Weights.load(parameters, 0, blocks.width(), row, 0);
    processor.forEach(
        blocks.count(),
        blocks.work(),
        (scratch, first, end) -> {
          float[] tile = scratch.floats(A, blocks.tileSize());
          for (long block = first; block < end; block++) {
            blocks.load(x, block, tile);
            for (int r = 0; r < blocks.rowsOf(block); r++) {
              kernel.run(tile, r * blocks.stride(), row, blocks.stride());
            }
            blocks.store(tile, block, y);
          }
        });
  }

  @Override
  public void addBias(Tensor x, Tensor bias) {
    forEachRow(
        x,
        bias,
        x,
        (tile, at, parameters, width) -> PointwiseKernels.addAt(parameters, 0, tile, at, width));
  }

  @Override
  public void scaleColumns(Tensor x, Tensor scales, Tensor y) {
    forEachRow(
        x,
        scales,
        y,
        (tile, at, parameters, width) ->
            PointwiseKernels.multiplyAt(tile, at, parameters, 0, tile, at, width));
  }

  @Override
  public void biasGradient(Tensor dy, Tensor dBias) {
    RowBlocks blocks = RowBlocks.of(RowsShape.of(dy).perColumn("dBias", dBias));
    float[] partials = partials(blocks);
    processor.forEach(
        blocks.count(),
        blocks.work(),
        (scratch, first, end) -> {
          float[] tile = scratch.floats(A, blocks.tileSize());
          for (long block = first; block < end; block++) {
            blocks.load(dy, block, tile);
            int sums = blocks.clearSums(partials, block);
            for (int r = 0; r < blocks.rowsOf(block); r++) {
              PointwiseKernels.addAt(tile, r * blocks.stride(), partials, sums, blocks.stride());
            }
          }
        });
    blocks.addColumnSums(partials, columns(blocks), dBias);
  }

  private float[] partials(RowBlocks blocks) {
    return processor.shared().floats(SHARED_PARTIALS, blocks.count() * blocks.stride());
  }

  private double[] columns(RowBlocks blocks) {
    return processor.shared().doubles(SHARED_COLUMNS, blocks.stride());
  }

  @Override
  public void scaleColumnsBackward(Tensor dy, Tensor x, Tensor scales, Tensor dx, Tensor dScales) {
    RowsShape shape = RowsShape.of(x).perColumn("scales", scales).perColumn("dScales", dScales);
    RowBlocks blocks = RowBlocks.of(shape);
    requireFloats(dy, x, dx);
    float[] partials = partials(blocks);
    processor.forEach(
        blocks.count(),
        blocks.work(),
        (scratch, first, end) -> {
          float[] gradients = scratch.floats(A, blocks.tileSize());
          float[] inputs = scratch.floats(B, blocks.tileSize());
          int stride = blocks.stride();
          for (long block = first; block < end; block++) {
            blocks.load(dy, block, gradients);
            blocks.load(x, block, inputs);
            int sums = blocks.clearSums(partials, block);
            for (int r = 0; r < blocks.rowsOf(block); r++) {
              PointwiseKernels.multiplyAccumulate(
                  gradients, r * stride, inputs, r * stride, partials, sums, stride);
            }
          }
        });
    blocks.addColumnSums(partials, columns(blocks), dScales);
    scaleColumns(dy, scales, dx);
  }

  /** Σ x² in double: tiles in WIDTH lanes each, then the tiles in order. */
  @Override
  public double sumOfSquares(Tensor x) {
    requireFloats(x);
    int tiles = Math.toIntExact(Math.ceilDiv(x.size(), (long) TILE));
    double[] sums = processor.shared().doubles(SHARED_COLUMNS, tiles);
    forEachTile(
        x.size(),
        (scratch, from, count) -> {
          double[] lanes = scratch.doubles(0, Lanes.WIDTH);
          Arrays.fill(lanes, 0, Lanes.WIDTH, 0);
          PointwiseKernels.addSquares(load(scratch, A, x, from, count), Lanes.padded(count), lanes);
          sums[(int) (from / TILE)] = inOrder(lanes, Lanes.WIDTH);
        });
    return inOrder(sums, tiles);
  }

  private static double inOrder(double[] values, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += values[i];
    }
    return sum;
  }
}
