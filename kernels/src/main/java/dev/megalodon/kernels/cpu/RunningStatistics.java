package dev.megalodon.kernels.cpu;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm.State;
import java.util.Arrays;
import java.util.Optional;

/**
 * Means and variances of one range of groups, step after step. Inputs are taken relative to a shift
 * per tile, the mean so far, so that no precision is lost where the mean is far greater than the
 * deviation. All arrays are a member's scratch: floats of slots 0 and 1, doubles of slots 0 to 4.
 *
 * @param tile (STEPS, stride), inputs of the current tile, minus the shift once they were added
 * @param shift (stride), by channel
 * @param mean (groups), μ so far
 * @param variance (groups), v so far
 * @param stepMean (groups), of the step that is added
 * @param stepVariance (groups), of the step that is added
 * @param sums (2)
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RunningStatistics(
    GroupRange range,
    Optional<Tensor> padding,
    float[] tile,
    float[] shift,
    double[] mean,
    double[] variance,
    double[] stepMean,
    double[] stepVariance,
    double[] sums) {
  private static final int TILE = 0;
  private static final int SHIFT = 1;
  private static final int MEAN = 0;
  private static final int VARIANCE = 1;
  private static final int STEP_MEAN = 2;
  private static final int STEP_VARIANCE = 3;
  private static final int SUMS = 4;

  /** The statistics before a piece. */
  static RunningStatistics load(
      Scratch scratch, GroupRange range, Optional<Tensor> padding, State in) {
    RunningStatistics statistics =
        new RunningStatistics(
            range,
            padding,
            scratch.floats(TILE, GroupRange.STEPS * range.stride()),
            scratch.floats(SHIFT, range.stride()),
            scratch.doubles(MEAN, range.groups()),
            scratch.doubles(VARIANCE, range.groups()),
            scratch.doubles(STEP_MEAN, range.groups()),
            scratch.doubles(STEP_VARIANCE, range.groups()),
            scratch.doubles(SUMS, 2));
    range.loadState(in.mean(), statistics.mean);
    range.loadState(in.variance(), statistics.variance);
    return statistics;
  }

  /** Writes the statistics so far. */
  void store(State out) {
    range.storeState(mean, out.mean());
    range.storeState(variance, out.variance());
  }

  /**
   * Loads the tile that begins at a step.
   *
   * @param n steps seen before it
   */
  void loadTile(Tensor x, int step, double n) {
    range.loadTile(x, step, tile);
    int first = 0;
    while (first < range.rows(step) - 1 && range.isPadded(padding, step + first)) {
      first++;
    }
    int size = range.shape().groupSize();
    for (int g = 0; g < range.groups(); g++) {
      float value = n > 0 ? (float) mean[g] : tile[first * range.stride() + g * size];
      Arrays.fill(shift, g * size, (g + 1) * size, value);
    }
    Arrays.fill(shift, range.width(), range.stride(), 0);
  }

  /** Shifts row r of the tile, adds it unless it is padded, and returns the steps seen after it. */
  double add(int step, int r, double n) {
    int at = r * range.stride();
    TimestepNormKernels.subtract(tile, at, shift, range.stride());
    if (range.isPadded(padding, step + r)) {
      return n;
    }
    int size = range.shape().groupSize();
    for (int g = 0; g < range.groups(); g++) {
      TimestepNormKernels.moments(tile, at + g * size, size, sums);
      double relative = sums[0] / size;
      stepMean[g] = shift[g * size] + relative;
      stepVariance[g] = Math.max(0, sums[1] / size - relative * relative);
    }
    TimestepNormKernels.update(mean, variance, stepMean, stepVariance, n + 1, range.groups());
    return n + 1;
  }
}
