package dev.megalodon.kernels.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.megalodon.kernels.Cema.Coefficients;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.CemaShape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Some channels of one sequence, which one thread takes through all steps in tiles. Channels do not
 * influence each other, so results do not depend on how they are cut into blocks.
 *
 * <p>Arrays hold rows of {@link #STRIDE} channels. Coefficients have {@link #ROWS} rows per mode,
 * in the order of the constants below; states have two, real and imaginary. An odd number of modes
 * is made even by one whose coefficients are 0.
 *
 * @param shape the whole call
 * @param batch which sequence
 * @param number which block of its channels
 */
record CemaBlock(CemaShape shape, int batch, int number) {
  /** Channels of a block. */
  static final int STRIDE = 64;

  /** Rows of coefficients per mode. */
  static final int ROWS = 5;

  static final int Q_RE = 0;
  static final int Q_IM = 1;
  static final int P = 2;
  static final int G_RE = 3;
  static final int G_IM = 4;

  /** Blocks of a sequence. */
  static int perSequence(CemaShape shape) {
    return Math.ceilDiv(shape.channels(), STRIDE);
  }

  static CemaBlock of(CemaShape shape, long item) {
    int perSequence = perSequence(shape);
    return new CemaBlock(shape, (int) (item / perSequence), (int) (item % perSequence));
  }

  int firstChannel() {
    return number * STRIDE;
  }

  /** Channels of this block; the last may have fewer. */
  int width() {
    return Math.min(STRIDE, shape.channels() - firstChannel());
  }

  /** Channels that kernels compute, whole logical vectors. */
  int paddedWidth() {
    return Lanes.padded(width());
  }

  /** Modes that kernels compute. */
  int modes() {
    return evenModes(shape);
  }

  private static int evenModes(CemaShape shape) {
    return shape.modes() + shape.modes() % 2;
  }

  /** Elements of one block's coefficients. */
  static int coefficientsSize(CemaShape shape) {
    return evenModes(shape) * ROWS * STRIDE;
  }

  /** Elements of one block's state. */
  int stateSize() {
    return modes() * 2 * STRIDE;
  }

  /** Writes the block's coefficients in rows; the block's sequence does not matter. */
  void packCoefficients(Coefficients source, float[] rows, int at) {
    Arrays.fill(rows, at, at + coefficientsSize(shape), 0);
    MemorySegment p = source.p().memory();
    MemorySegment q = source.q().memory();
    MemorySegment g = source.g().memory();
    for (int k = 0; k < width(); k++) {
      for (int n = 0; n < shape.modes(); n++) {
        long from = (long) (firstChannel() + k) * shape.modes() + n;
        int to = at + n * ROWS * STRIDE + k;
        rows[to + Q_RE * STRIDE] = q.getAtIndex(JAVA_FLOAT, 2 * from);
        rows[to + Q_IM * STRIDE] = q.getAtIndex(JAVA_FLOAT, 2 * from + 1);
        rows[to + P * STRIDE] = p.getAtIndex(JAVA_FLOAT, from);
        rows[to + G_RE * STRIDE] = g.getAtIndex(JAVA_FLOAT, 2 * from);
        rows[to + G_IM * STRIDE] = g.getAtIndex(JAVA_FLOAT, 2 * from + 1);
      }
    }
  }

  /** Reads a state (B, D, N, 2) into rows. */
  void loadState(Tensor state, float[] rows) {
    Arrays.fill(rows, 0, stateSize(), 0);
    MemorySegment memory = state.memory();
    for (int k = 0; k < width(); k++) {
      long from = shape.stateIndex(batch, firstChannel() + k, 0);
      for (int row = 0; row < 2 * shape.modes(); row++) {
        rows[row * STRIDE + k] = memory.getAtIndex(JAVA_FLOAT, from + row);
      }
    }
  }

  /** Writes rows as a state (B, D, N, 2). */
  void storeState(float[] rows, Tensor state) {
    MemorySegment memory = state.memory();
    for (int k = 0; k < width(); k++) {
      long to = shape.stateIndex(batch, firstChannel() + k, 0);
      for (int row = 0; row < 2 * shape.modes(); row++) {
        memory.setAtIndex(JAVA_FLOAT, to + row, rows[row * STRIDE + k]);
      }
    }
  }

  /** Reads a kept state, stored as (B, intervals, N, 2, D). */
  void loadCheckpoint(Tensor states, int interval, float[] rows) {
    Tiles.loadRows(
        states,
        checkpointIndex(interval),
        shape.channels(),
        2 * shape.modes(),
        width(),
        rows,
        STRIDE);
  }

  /** Keeps a state. */
  void storeCheckpoint(float[] rows, Tensor states, int interval) {
    Tiles.storeRows(
        rows,
        STRIDE,
        2 * shape.modes(),
        width(),
        states,
        checkpointIndex(interval),
        shape.channels());
  }

  private long checkpointIndex(int interval) {
    long before = (long) batch * shape.intervals() + interval;
    return before * shape.stateSize() + firstChannel();
  }

  /** Reads a tile of steps; the rows' padding becomes 0. */
  void loadTile(Tensor source, int step, int steps, float[] tile) {
    long from = shape.index(batch, step, firstChannel());
    Tiles.loadRows(source, from, shape.channels(), steps, width(), tile, STRIDE);
  }

  void storeTile(float[] tile, int step, int steps, Tensor target) {
    long from = shape.index(batch, step, firstChannel());
    Tiles.storeRows(tile, STRIDE, steps, width(), target, from, shape.channels());
  }
}
