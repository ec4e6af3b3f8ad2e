package dev.megalodon.kernels.cpu;

import static dev.megalodon.kernels.cpu.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.megalodon.kernels.Rope;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.HeadsShape;
import dev.megalodon.kernels.shape.Shapes;
import java.util.HashMap;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * x·cos + swap(x)·sin, where swap exchanges the halves of every pair and sin is negative for the
 * first of them. Tables are computed in double, once per chunk length and head layout.
 */
final class CpuRope implements Rope {
  private static final int X = 0;
  private static final VectorShuffle<Float> SWAP = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 1);

  private final Processor processor;
  private final Map<TableKey, Table> tables = new HashMap<>();

  CpuRope(Processor processor) {
    this.processor = processor;
  }

  private record TableKey(int heads, int width, long chunk, double base) {}

  /** Rows by position, padded: cosines, and sines with the sign of their place in the pair. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Table(float[] cosines, float[] sines) {
    static Table of(TableKey key) {
      int stride = Lanes.padded(key.heads * key.width);
      int positions = Math.toIntExact(key.chunk);
      Table table = new Table(new float[positions * stride], new float[positions * stride]);
      for (int position = 0; position < positions; position++) {
        for (int i = 0; i < key.width; i += 2) {
          double angle = position * StrictMath.pow(key.base, -(double) i / key.width);
          for (int head = 0; head < key.heads; head++) {
            table.set(position * stride + head * key.width + i, angle);
          }
        }
      }
      return table;
    }

    private void set(int at, double angle) {
      cosines[at] = (float) StrictMath.cos(angle);
      cosines[at + 1] = cosines[at];
      sines[at + 1] = (float) StrictMath.sin(angle);
      sines[at] = -sines[at + 1];
    }
  }

  @Override
  public void rotate(Tensor x, int heads, long start, long chunk, double base, boolean inverse) {
    HeadsShape shape = HeadsShape.of("x", x, heads);
    Shapes.require(shape.width() % 2 == 0, "heads of odd width %d", shape.width());
    Table table =
        tables.computeIfAbsent(new TableKey(heads, shape.width(), chunk, base), Table::of);
    RowBlocks blocks = RowBlocks.of(shape.steps(), shape.columns());
    processor.forEach(
        blocks.count(),
        blocks.work(),
        (scratch, first, end) -> {
          float[] tile = scratch.floats(X, blocks.tileSize());
          for (long block = first; block < end; block++) {
            blocks.load(x, block, tile);
            for (int r = 0; r < blocks.rowsOf(block); r++) {
              long step = (blocks.firstRow(block) + r) % shape.length();
              int position = (int) ((start + step) % chunk);
              int stride = blocks.stride();
              rotateRow(tile, r * stride, table, position * stride, inverse ? -1 : 1, stride);
            }
            blocks.store(tile, block, x);
          }
        });
  }

  private static void rotateRow(float[] x, int at, Table table, int tableAt, float sign, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      FloatVector pair = fromArray(SPECIES, x, at + i);
      FloatVector sine = fromArray(SPECIES, table.sines, tableAt + i).mul(sign);
      pair.rearrange(SWAP)
          .fma(sine, pair.mul(fromArray(SPECIES, table.cosines, tableAt + i)))
          .intoArray(x, at + i);
    }
  }
}
