package dev.megalodon.kernels.cpu;

import dev.megalodon.kernels.shape.CemaShape;
import java.util.Arrays;

/**
 * What parameters get from each sequence, in double: rows of {@link CemaBlock#STRIDE} channels,
 * {@link CemaKernels#SUMS} per mode and one for omega.
 *
 * @param shape the whole call
 * @param totals (B, blocks, N·SUMS + 1, STRIDE)
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record CemaSums(CemaShape shape, double[] totals) {
  static CemaSums of(CemaShape shape, Scratch scratch, int slot) {
    long rows = (long) shape.batch() * CemaBlock.perSequence(shape) * rowsPerBlock(shape);
    int size = Math.toIntExact(rows * CemaBlock.STRIDE);
    return new CemaSums(shape, scratch.doubles(slot, size));
  }

  private static int rowsPerBlock(CemaShape shape) {
    return shape.modes() * CemaKernels.SUMS + 1;
  }

  void clear(CemaBlock block) {
    int from = row(block, 0, 0);
    Arrays.fill(totals, from, from + rowsPerBlock(shape) * CemaBlock.STRIDE, 0);
  }

  /** Where the row of a mode's sum begins. */
  int row(CemaBlock block, int mode, int sum) {
    int before = block.batch() * CemaBlock.perSequence(shape) + block.number();
    int row = before * rowsPerBlock(shape) + mode * CemaKernels.SUMS + sum;
    return row * CemaBlock.STRIDE;
  }

  int omegaRow(CemaBlock block) {
    return row(block, shape.modes(), 0);
  }

  /** Sums of one channel's mode over all sequences, in their order. */
  void overSequences(int channel, int mode, double[] result) {
    for (int i = 0; i < CemaKernels.SUMS; i++) {
      result[i] = 0;
      for (int b = 0; b < shape.batch(); b++) {
        result[i] += totals[row(blockOf(b, channel), mode, i) + channel % CemaBlock.STRIDE];
      }
    }
  }

  double omegaOverSequences(int channel) {
    double sum = 0;
    for (int b = 0; b < shape.batch(); b++) {
      sum += totals[omegaRow(blockOf(b, channel)) + channel % CemaBlock.STRIDE];
    }
    return sum;
  }

  private CemaBlock blockOf(int b, int channel) {
    return new CemaBlock(shape, b, channel / CemaBlock.STRIDE);
  }
}
