package dev.megalodon.kernels.cpu;

import static dev.megalodon.kernels.host.HostElements.getInt;

import dev.megalodon.kernels.Embedding;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.EmbeddingShape;

/** Rows copied and scaled; gradients added column range by column range, tokens in order. */
final class CpuEmbedding implements Embedding {
  private static final int ROW = 0;
  private static final int GRADIENT = 1;

  /** Columns that one thread adds up: few enough to share, enough for a copy to be worth it. */
  private static final int COLUMNS = 64;

  private final Processor processor;

  CpuEmbedding(Processor processor) {
    this.processor = processor;
  }

  @Override
  public void forward(Tensor tokens, Tensor table, double scale, Tensor out) {
    EmbeddingShape shape = EmbeddingShape.of(tokens, table, out);
    int width = shape.width();
    processor.forEach(
        shape.tokens(),
        width,
        (scratch, first, end) -> {
          float[] row = scratch.floats(ROW, Lanes.padded(width));
          for (long i = first; i < end; i++) {
            Weights.load(table, shape.row(getInt(tokens, i), i), width, row, 0);
            PointwiseKernels.scale(row, (float) scale, Lanes.padded(width));
            Tiles.store(row, width, out, i * width);
          }
        });
  }

  @Override
  public void backward(Tensor tokens, Tensor dOut, double scale, Tensor dTable) {
    EmbeddingShape shape = EmbeddingShape.of(tokens, dTable, dOut);
    processor.forEach(
        Math.ceilDiv(shape.width(), COLUMNS),
        COLUMNS * shape.tokens(),
        (scratch, first, end) -> {
          for (long range = first; range < end; range++) {
            int from = (int) range * COLUMNS;
            int count = Math.min(COLUMNS, shape.width() - from);
            addColumns(scratch, shape, tokens, dOut, (float) scale, dTable, from, count);
          }
        });
  }

  private static void addColumns(
      Scratch scratch,
      EmbeddingShape shape,
      Tensor tokens,
      Tensor dOut,
      float scale,
      Tensor dTable,
      int from,
      int count) {
    float[] row = scratch.floats(ROW, COLUMNS);
    float[] gradient = scratch.floats(GRADIENT, COLUMNS);
    for (long i = 0; i < shape.tokens(); i++) {
      long target = shape.row(getInt(tokens, i), i) + from;
      Tiles.load(dOut, i * shape.width() + from, count, gradient);
      Tiles.load(dTable, target, count, row);
      PointwiseKernels.accumulate(scale, gradient, row, Lanes.padded(count));
      Tiles.store(row, count, dTable, target);
    }
  }
}
