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
  private static final int WEIGHT = 2;
  private static final int BIAS = 3;
  private static final int RELATIVE_MEANS = 4;
  private static final int FLOAT_DEVIATIONS = 5;
  private static final int MEANS = 5;
  private static final int DEVIATIONS = 6;

  void run(Scratch scratch, GroupRange range) {
    RunningStatistics statistics = RunningStatistics.load(scratch, range, padding, in);
    Weights.loadPlusOne(
        weight,
        range.firstChannel(),
        range.width(),
        scratch.floats(WEIGHT, range.stride()),
        /* at= */ 0);
    Tiles.load(bias, range.firstChannel(), range.width(), scratch.floats(BIAS, range.stride()));
    int[] groupOf = range.groupOf();
    double n = HostElements.get(in.count(), range.batch());
    for (int step = 0; step < range.shape().length(); step += GroupRange.STEPS) {
      n = runTile(scratch, statistics, groupOf, step, n);
    }
    statistics.store(out);
  }

  /** Returns the number of steps seen after the tile. */
  private double runTile(
      Scratch scratch, RunningStatistics statistics, int[] groupOf, int step, double n) {
    GroupRange range = statistics.range();
    statistics.loadTile(x, step, n);
    double seen = n;
    for (int r = 0; r < range.rows(step); r++) {
      seen = statistics.add(step, r, seen);
      keepStatistics(scratch, statistics, r);
    }
    normalize(scratch, range, groupOf, statistics.tile(), step);
    range.storeTile(statistics.tile(), step, y);
    int size = GroupRange.STEPS * range.groups();
    range.storeStatistics(scratch.doubles(MEANS, size), step, saved.mean());
    range.storeStatistics(scratch.doubles(DEVIATIONS, size), step, saved.inverseDeviation());
    return seen;
  }

  /** Notes mean and inverse deviation after step r, both for backward and as kernels want them. */
  private void keepStatistics(Scratch scratch, RunningStatistics statistics, int r) {
    int groups = statistics.range().groups();
    int size = statistics.range().shape().groupSize();
    double[] mean = statistics.mean();
    double[] variance = statistics.variance();
    float[] shift = statistics.shift();
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
