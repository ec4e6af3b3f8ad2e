package dev.megalodon.kernels.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.megalodon.kernels.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Copies between tensors and the arrays that kernels work on. */
final class Tiles {
  private Tiles() {}

  /** Copies {@code count} elements to the start of a tile and pads it with zeros. */
  static void load(Tensor source, long from, int count, float[] tile) {
    MemorySegment.copy(source.memory(), JAVA_FLOAT, 4 * from, tile, 0, count);
    Arrays.fill(tile, count, Lanes.padded(count), 0);
  }

  /** Copies the first {@code count} elements of a tile. */
  static void store(float[] tile, int count, Tensor target, long from) {
    MemorySegment.copy(tile, 0, target.memory(), JAVA_FLOAT, 4 * from, count);
  }

  /**
   * Copies rows.
   *
   * @param rowStride elements from one row of the source to the next
   * @param width elements of a row that are copied
   * @param tileStride elements from one row of the tile to the next, at least width; what is left
   *     over becomes 0
   */
  static void loadRows(
      Tensor source, long from, long rowStride, int rows, int width, float[] tile, int tileStride) {
    MemorySegment memory = source.memory();
    if (width == rowStride && width == tileStride) {
      MemorySegment.copy(memory, JAVA_FLOAT, 4 * from, tile, 0, rows * width);
      return;
    }
    for (int row = 0; row < rows; row++) {
      int at = row * tileStride;
      MemorySegment.copy(memory, JAVA_FLOAT, 4 * (from + row * rowStride), tile, at, width);
      if (width < tileStride) {
        Arrays.fill(tile, at + width, at + tileStride, 0);
      }
    }
  }

  /** Copies rows back; the parameters are those of {@link #loadRows}. */
  static void storeRows(
      float[] tile, int tileStride, int rows, int width, Tensor target, long from, long rowStride) {
    MemorySegment memory = target.memory();
    if (width == rowStride && width == tileStride) {
      MemorySegment.copy(tile, 0, memory, JAVA_FLOAT, 4 * from, rows * width);
      return;
    }
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(
          tile, row * tileStride, memory, JAVA_FLOAT, 4 * (from + row * rowStride), width);
    }
  }
}
