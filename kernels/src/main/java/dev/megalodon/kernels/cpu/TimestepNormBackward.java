package dev.megalodon.kernels.cpu;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm.Saved;
import dev.megalodon.kernels.TimestepNorm.State;
import dev.megalodon.kernels.TimestepNorm.StateGradient;
import dev.megalodon.kernels.host.HostElements;
import dev.megalodon.kernels.shape.TimestepNormShape;
import java.util.Arrays;
import java.util.Optional;

/**
 * The backward pass over one range of groups, from the last step to the first. With e = dy·(w + 1),
 * μ, r of each step and moments taken about an origin κ, the last mean:
 *
 * <pre>
 *   dμ = −r·Σe,  dv = −½·r³·Σe·(x − μ)             direct gradients of one step's statistics
 *   A += (dμ − 2·(μ − κ)·dv)/n,  Q += dv/n         suffix sums, in double
 *   dx = e·r + (A + 2·(x − κ)·Q)/S
 * </pre>
 *
 * @param weightSums (B, D), dWeight per sequence
 * @param biasSums (B, D), dBias per sequence
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record TimestepNormBackward(
    Tensor dy,
    Tensor x,
    Tensor weight,
    Optional<Tensor> padding,
    State in,
    Saved saved,
    StateGradient gradientOut,
    Tensor dx,
    double[] weightSums,
    double[] biasSums,
    StateGradient gradientIn) {
  private static final int INPUTS = 0;
  private static final int GRADIENTS = 1;
  private static final int SHIFT = 2;
  private static final int WEIGHT = 3;
  private static final int RELATIVE_MEANS = 4;
  private static final int FLOAT_DEVIATIONS = 5;
  private static final int SLOPES = 6;
  private static final int CONSTANTS = 7;
  private static final int WEIGHT_SUMS = 8;
  private static final int BIAS_SUMS = 9;
  private static final int A = 0;
  private static final int Q = 1;
  private static final int MEANS = 2;
  private static final int DEVIATIONS = 3;
  private static final int SUMS = 4;
  private static final int MEAN_IN = 5;

  void run(Scratch scratch, GroupRange range) {
    double countIn = HostElements.get(in.count(), range.batch());
    double n = countIn + validSteps(range);
    double[] a = scratch.doubles(A, range.groups());
    double[] q = scratch.doubles(Q, range.groups());
    range.loadState(gradientOut.mean(), a);
    range.loadState(gradientOut.variance(), q);
    clearSums(range);
    int[] groupOf = range.groupOf();
    fillShift(scratch, range);
    Weights.loadPlusOne(
        weight,
        range.firstChannel(),
        range.width(),
        scratch.floats(WEIGHT, range.stride()),
        /* at= */ 0);
    boolean unchanged = n == 0;
    if (!unchanged) {
      startSuffixSums(scratch, range, n);
    }
    int last = (range.shape().length() - 1) / GroupRange.STEPS * GroupRange.STEPS;
    for (int step = last; step >= 0; step -= GroupRange.STEPS) {
      n = runTile(scratch, range, groupOf, step, n);
    }
    storeGradientIn(scratch, range, countIn, unchanged);
  }

  private double validSteps(GroupRange range) {
    int steps = 0;
    for (int t = 0; t < range.shape().length(); t++) {
      steps += range.isPadded(padding, t) ? 0 : 1;
    }
    return steps;
  }

  /** What the state after the piece adds to A and Q. */
  private void startSuffixSums(Scratch scratch, GroupRange range, double n) {
    double[] a = scratch.doubles(A, range.groups());
    double[] q = scratch.doubles(Q, range.groups());
    float[] shift = scratch.floats(SHIFT, range.stride());
    TimestepNormShape shape = range.shape();
    for (int g = 0; g < range.groups(); g++) {
      long last = shape.statisticsIndex(range.batch(), shape.length() - 1, range.firstGroup() + g);
      double mean = HostElements.get(saved.mean(), last) - shift[g * shape.groupSize()];
      a[g] = (a[g] - 2 * mean * q[g]) / n;
      q[g] /= n;
    }
  }

  private void clearSums(GroupRange range) {
    int from = sumsIndex(range);
    Arrays.fill(weightSums, from, from + range.width(), 0);
    Arrays.fill(biasSums, from, from + range.width(), 0);
  }

  private static int sumsIndex(GroupRange range) {
    return range.batch() * range.shape().channels() + range.firstChannel();
  }

  /** κ per channel: the last mean, in single precision. */
  private void fillShift(Scratch scratch, GroupRange range) {
    float[] shift = scratch.floats(SHIFT, range.stride());
    int size = range.shape().groupSize();
    int last = range.shape().length() - 1;
    for (int g = 0; g < range.groups(); g++) {
      long at = range.shape().statisticsIndex(range.batch(), last, range.firstGroup() + g);
      Arrays.fill(shift, g * size, (g + 1) * size, (float) HostElements.get(saved.mean(), at));
    }
    Arrays.fill(shift, range.width(), range.stride(), 0);
  }

  /** Returns the number of steps seen before the tile. */
  private double runTile(Scratch scratch, GroupRange range, int[] groupOf, int step, double n) {
    int stride = range.stride();
    float[] inputs = scratch.floats(INPUTS, GroupRange.STEPS * stride);
    float[] gradients = scratch.floats(GRADIENTS, GroupRange.STEPS * stride);
    range.loadTile(x, step, inputs);
    range.loadTile(dy, step, gradients);
    loadStatistics(scratch, range, step);
    parameterSums(scratch, range, groupOf, step);
    double left = n;
    for (int r = range.rows(step) - 1; r >= 0; r--) {
      if (!range.isPadded(padding, step + r)) {
        float[] w = scratch.floats(WEIGHT, stride);
        PointwiseKernels.multiplyAt(gradients, r * stride, w, 0, gradients, r * stride, stride);
        suffixSums(scratch, range, r, left);
        left--;
      }
    }
    inputGradients(scratch, range, groupOf, step);
    range.storeTile(gradients, step, dx);
    return left;
  }

  /** Means relative to κ, and deviations, as kernels want them. */
  private void loadStatistics(Scratch scratch, GroupRange range, int step) {
    int groups = range.groups();
    int size = range.shape().groupSize();
    double[] means = scratch.doubles(MEANS, GroupRange.STEPS * groups);
    double[] deviations = scratch.doubles(DEVIATIONS, GroupRange.STEPS * groups);
    float[] relativeMeans = scratch.floats(RELATIVE_MEANS, GroupRange.STEPS * groups);
    float[] floatDeviations = scratch.floats(FLOAT_DEVIATIONS, GroupRange.STEPS * groups);
    float[] shift = scratch.floats(SHIFT, range.stride());
    range.loadStatistics(saved.mean(), step, means);
    range.loadStatistics(saved.inverseDeviation(), step, deviations);
    for (int r = 0; r < range.rows(step); r++) {
      for (int g = 0; g < groups; g++) {
        means[r * groups + g] -= shift[g * size];
        relativeMeans[r * groups + g] = (float) means[r * groups + g];
        floatDeviations[r * groups + g] = (float) deviations[r * groups + g];
      }
    }
  }

  /** Shifts the inputs and sums what weight and bias get from the tile. */
  private void parameterSums(Scratch scratch, GroupRange range, int[] groupOf, int step) {
    int stride = range.stride();
    int statistics = GroupRange.STEPS * range.groups();
    float[] inputs = scratch.floats(INPUTS, GroupRange.STEPS * stride);
    float[] gradients = scratch.floats(GRADIENTS, GroupRange.STEPS * stride);
    float[] tileWeightSums = scratch.floats(WEIGHT_SUMS, stride);
    float[] tileBiasSums = scratch.floats(BIAS_SUMS, stride);
    Arrays.fill(tileWeightSums, 0, stride, 0);
    Arrays.fill(tileBiasSums, 0, stride, 0);
    for (int r = 0; r < range.rows(step); r++) {
      int at = r * stride;
      TimestepNormKernels.subtract(inputs, at, scratch.floats(SHIFT, stride), stride);
      if (range.isPadded(padding, step + r)) {
        continue;
      }
      PointwiseKernels.addAt(gradients, at, tileBiasSums, 0, stride);
      TimestepNormKernels.weightGradient(
          gradients,
          inputs,
          at,
          scratch.floats(RELATIVE_MEANS, statistics),
          scratch.floats(FLOAT_DEVIATIONS, statistics),
          r * range.groups(),
          groupOf,
          tileWeightSums,
          stride);
    }
    int from = sumsIndex(range);
    for (int k = 0; k < range.width(); k++) {
      weightSums[from + k] += tileWeightSums[k];
      biasSums[from + k] += tileBiasSums[k];
    }
  }

  /** Adds step r to A and Q and notes what its inputs get from them; the gradients are e by now. */
  private static void suffixSums(Scratch scratch, GroupRange range, int r, double n) {
    int groups = range.groups();
    int size = range.shape().groupSize();
    float[] inputs = scratch.floats(INPUTS, 0);
    float[] gradients = scratch.floats(GRADIENTS, 0);
    double[] means = scratch.doubles(MEANS, 0);
    double[] deviations = scratch.doubles(DEVIATIONS, 0);
    double[] a = scratch.doubles(A, groups);
    double[] q = scratch.doubles(Q, groups);
    double[] sums = scratch.doubles(SUMS, 2);
    float[] slopes = scratch.floats(SLOPES, GroupRange.STEPS * groups);
    float[] constants = scratch.floats(CONSTANTS, GroupRange.STEPS * groups);
    for (int g = 0; g < groups; g++) {
      int at = r * groups + g;
      TimestepNormKernels.products(gradients, inputs, r * range.stride() + g * size, size, sums);
      double deviation = deviations[at];
      double centred = sums[1] - means[at] * sums[0];
      double dVariance = -0.5 * deviation * deviation * deviation * centred;
      double dMean = -deviation * sums[0];
      a[g] += (dMean - 2 * means[at] * dVariance) / n;
      q[g] += dVariance / n;
      slopes[at] = (float) (2 * q[g] / size);
      constants[at] = (float) (a[g] / size);
    }
  }

  private void inputGradients(Scratch scratch, GroupRange range, int[] groupOf, int step) {
    int stride = range.stride();
    float[] gradients = scratch.floats(GRADIENTS, 0);
    for (int r = 0; r < range.rows(step); r++) {
      if (range.isPadded(padding, step + r)) {
        Arrays.fill(gradients, r * stride, (r + 1) * stride, 0);
        continue;
      }
      TimestepNormKernels.inputGradient(
          gradients,
          scratch.floats(INPUTS, 0),
          r * stride,
          scratch.floats(FLOAT_DEVIATIONS, 0),
          scratch.floats(SLOPES, 0),
          scratch.floats(CONSTANTS, 0),
          r * range.groups(),
          groupOf,
          stride);
    }
  }

  /** Without a single valid step the state, and so its gradient, passes through unchanged. */
  private void storeGradientIn(
      Scratch scratch, GroupRange range, double countIn, boolean unchanged) {
    int groups = range.groups();
    double[] a = scratch.doubles(A, groups);
    double[] q = scratch.doubles(Q, groups);
    if (!unchanged) {
      double[] meanIn = scratch.doubles(MEAN_IN, groups);
      float[] shift = scratch.floats(SHIFT, range.stride());
      range.loadState(in.mean(), meanIn);
      for (int g = 0; g < groups; g++) {
        double origin = shift[g * range.shape().groupSize()];
        a[g] = countIn * (a[g] + 2 * (meanIn[g] - origin) * q[g]);
        q[g] = countIn * q[g];
      }
    }
    range.storeState(a, gradientIn.mean());
    range.storeState(q, gradientIn.variance());
  }
}
