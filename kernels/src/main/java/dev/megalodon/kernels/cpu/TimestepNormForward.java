package dev.megalodon.kernels.cpu;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm.Saved;
import dev.megalodon.kernels.TimestepNorm.State;
import dev.megalodon.kernels.host.HostElements;
import java.util.Arrays;
import java.util.Optional;

/**
 * The forward pass over one range of groups. Inputs are taken relative to a shift per tile, the
 * mean so far, so that no precision is lost where the mean is far greater than the deviation.
 */
record TimestepNormForward(
    Tensor x,
    Tensor weight,
    Tensor bias,
    Optional<Tensor> padding,
    State in,
    double epsilon,
    Tensor y,
    Saved saved,
    State out) {
  private static final int TILE = 0;
  private static final int SHIFT = 1;
  private static final int WEIGHT = 2;
  private static final int BIAS = 3;
  private static final int RELATIVE_MEANS = 4;
  private static final int FLOAT_DEVIATIONS = 5;
  private static final int MEAN = 0;
  private static final int VARIANCE = 1;
  private static final int STEP_MEAN = 2;
  private static final int STEP_VARIANCE = 3;
  private static final int MEANS = 4;
  private static final int DEVIATIONS = 5;
  private static final int SUMS = 6;

  void run(Scratch scratch, GroupRange range) {
    double[] mean = scratch.doubles(MEAN, range.groups());
    double[] variance = scratch.doubles(VARIANCE, range.groups());
    range.loadState(in.mean(), mean);
    range.loadState(in.variance(), variance);
    Weights.loadPlusOne(
        weight,
        range.firstChannel(),
        range.width(),
        scratch.floats(WEIGHT, range.stride()),
        /* at= */ 0);
    Weights.load(
        bias,
        range.firstChannel(),
        range.width(),
        scratch.floats(BIAS, range.stride()),
        /* at= */ 0);
    int[] groupOf = range.groupOf();
    double n = HostElements.get(in.count(), range.batch());
    for (int step = 0; step < range.shape().length(); step += GroupRange.STEPS) {
      n = runTile(scratch, range, groupOf, step, n);
    }
    range.storeState(mean, out.mean());
    range.storeState(variance, out.variance());
  }

  /** Returns the number of steps seen after the tile. */
  private double runTile(Scratch scratch, GroupRange range, int[] groupOf, int step, double n) {
    int stride = range.stride();
    float[] tile = scratch.floats(TILE, GroupRange.STEPS * stride);
    float[] shift = scratch.floats(SHIFT, stride);
    range.loadTile(x, step, tile);
    fillShift(range, tile, step, n, scratch.doubles(MEAN, range.groups()), shift);
    double seen = n;
    for (int r = 0; r < range.rows(step); r++) {
      TimestepNormKernels.subtract(tile, r * stride, shift, stride);
      if (!range.isPadded(padding, step + r)) {
        seen++;
        updateStatistics(scratch, range, tile, r * stride, shift, seen);
      }
      keepStatistics(scratch, range, shift, r);
    }
    normalize(scratch, range, groupOf, tile, step);
    range.storeTile(tile, step, y);
    int statistics = GroupRange.STEPS * range.groups();
    range.storeStatistics(scratch.doubles(MEANS, statistics), step, saved.mean());
    range.storeStatistics(scratch.doubles(DEVIATIONS, statistics), step, saved.inverseDeviation());
    return seen;
  }

  /** Per channel: the mean so far, or an input of the first step that counts. */
  private void fillShift(
      GroupRange range, float[] tile, int step, double n, double[] mean, float[] shift) {
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

  private static void updateStatistics(
      Scratch scratch, GroupRange range, float[] tile, int at, float[] shift, double n) {
    int groups = range.groups();
    int size = range.shape().groupSize();
    double[] stepMean = scratch.doubles(STEP_MEAN, groups);
    double[] stepVariance = scratch.doubles(STEP_VARIANCE, groups);
    double[] sums = scratch.doubles(SUMS, 2);
    for (int g = 0; g < groups; g++) {
      TimestepNormKernels.moments(tile, at + g * size, size, sums);
      double relative = sums[0] / size;
      stepMean[g] = shift[g * size] + relative;
      stepVariance[g] = Math.max(0, sums[1] / size - relative * relative);
    }
    TimestepNormKernels.update(
        scratch.doubles(MEAN, groups),
        scratch.doubles(VARIANCE, groups),
        stepMean,
        stepVariance,
        n,
        groups);
  }

  /** Notes mean and inverse deviation after step r, both for backward and as kernels want them. */
  private void keepStatistics(Scratch scratch, GroupRange range, float[] shift, int r) {
    int groups = range.groups();
    int size = range.shape().groupSize();
    double[] mean = scratch.doubles(MEAN, groups);
    double[] variance = scratch.doubles(VARIANCE, groups);
    double[] means = scratch.doubles(MEANS, GroupRange.STEPS * groups);
    double[] deviations = scratch.doubles(DEVIATIONS, GroupRange.STEPS * groups);
    float[] relativeMeans = scratch.floats(RELATIVE_MEANS, GroupRange.STEPS * groups);
    float[] floatDeviations = scratch.floats(FLOAT_DEVIATIONS, GroupRange.STEPS * groups);
    for (int g = 0; g < groups; g++) {
      double deviation = 1 / Math.sqrt(variance[g] + epsilon);
      means[r * groups + g] = mean[g];
      deviations[r * groups + g] = deviation;
      relativeMeans[r * groups + g] = (float) (mean[g] - shift[g * size]);
      floatDeviations[r * groups + g] = (float) deviation;
    }
  }

  private void normalize(Scratch scratch, GroupRange range, int[] groupOf, float[] tile, int step) {
    int stride = range.stride();
    int statistics = GroupRange.STEPS * range.groups();
    for (int r = 0; r < range.rows(step); r++) {
      if (range.isPadded(padding, step + r)) {
        Arrays.fill(tile, r * stride, (r + 1) * stride, 0);
        continue;
      }
      TimestepNormKernels.normalize(
          tile,
          r * stride,
          scratch.floats(RELATIVE_MEANS, statistics),
          scratch.floats(FLOAT_DEVIATIONS, statistics),
          r * range.groups(),
          groupOf,
          scratch.floats(WEIGHT, stride),
          scratch.floats(BIAS, stride),
          stride);
    }
  }
}
