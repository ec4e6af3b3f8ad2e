package dev.megalodon.kernels.cpu;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm.Saved;
import dev.megalodon.kernels.TimestepNorm.State;
import dev.megalodon.kernels.TimestepNorm.StateGradient;
import dev.megalodon.kernels.host.HostElements;
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
  private static final int SLOPES = 6;
  private static final int CONSTANTS = 7;
  private static final int WEIGHT_SUMS = 8;
  private static final int BIAS_SUMS = 9;
  private static final int MEAN_IN = 5;

  void run(Scratch scratch, GroupRange range) {
    double countIn = HostElements.get(in.count(), range.batch());
    SuffixSums sums = SuffixSums.of(scratch, range, padding, weight, saved);
    double n = countIn + sums.validSteps();
    clearSums(range);
    int[] groupOf = range.groupOf();
    sums.start(gradientOut, n);
    boolean unchanged = n == 0;
    int last = (range.shape().length() - 1) / GroupRange.STEPS * GroupRange.STEPS;
    for (int step = last; step >= 0; step -= GroupRange.STEPS) {
      n = runTile(scratch, sums, groupOf, step, n);
    }
    storeGradientIn(scratch, sums, countIn, unchanged);
  }

  private void clearSums(GroupRange range) {
    int from = sumsIndex(range);
    Arrays.fill(weightSums, from, from + range.width(), 0);
    Arrays.fill(biasSums, from, from + range.width(), 0);
  }

  private static int sumsIndex(GroupRange range) {
    return range.batch() * range.shape().channels() + range.firstChannel();
  }

  /** Returns the number of steps seen before the tile. */
  private double runTile(Scratch scratch, SuffixSums sums, int[] groupOf, int step, double n) {
    GroupRange range = sums.range();
    sums.loadTile(dy, x, step);
    parameterSums(scratch, sums, groupOf, step);
    double left = n;
    for (int r = range.rows(step) - 1; r >= 0; r--) {
      if (!range.isPadded(padding, step + r)) {
        sums.add(r, left);
        noteFromState(scratch, sums, r);
        left--;
      }
    }
    inputGradients(scratch, sums, groupOf, step);
    range.storeTile(sums.gradients(), step, dx);
    return left;
  }

  /** Shifts the inputs and sums what weight and bias get from the tile. */
  private void parameterSums(Scratch scratch, SuffixSums sums, int[] groupOf, int step) {
    GroupRange range = sums.range();
    int stride = range.stride();
    float[] tileWeightSums = scratch.floats(WEIGHT_SUMS, stride);
    float[] tileBiasSums = scratch.floats(BIAS_SUMS, stride);
    Arrays.fill(tileWeightSums, 0, stride, 0);
    Arrays.fill(tileBiasSums, 0, stride, 0);
    for (int r = 0; r < range.rows(step); r++) {
      int at = r * stride;
      if (range.isPadded(padding, step + r)) {
        continue;
      }
      PointwiseKernels.addAt(sums.gradients(), at, tileBiasSums, 0, stride);
      TimestepNormKernels.weightGradient(
          sums.gradients(),
          sums.inputs(),
          at,
          sums.floatMeans(),
          sums.floatDeviations(),
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

  /** What the inputs of step r get from A and Q. */
  private static void noteFromState(Scratch scratch, SuffixSums sums, int r) {
    int groups = sums.range().groups();
    int size = sums.range().shape().groupSize();
    float[] slopes = scratch.floats(SLOPES, GroupRange.STEPS * groups);
    float[] constants = scratch.floats(CONSTANTS, GroupRange.STEPS * groups);
    for (int g = 0; g < groups; g++) {
      slopes[r * groups + g] = (float) (2 * sums.q()[g] / size);
      constants[r * groups + g] = (float) (sums.a()[g] / size);
    }
  }

  private void inputGradients(Scratch scratch, SuffixSums sums, int[] groupOf, int step) {
    GroupRange range = sums.range();
    int stride = range.stride();
    float[] gradients = sums.gradients();
    for (int r = 0; r < range.rows(step); r++) {
      if (range.isPadded(padding, step + r)) {
        Arrays.fill(gradients, r * stride, (r + 1) * stride, 0);
        continue;
      }
      TimestepNormKernels.inputGradient(
          gradients,
          sums.inputs(),
          r * stride,
          sums.floatDeviations(),
          scratch.floats(SLOPES, 0),
          scratch.floats(CONSTANTS, 0),
          r * range.groups(),
          groupOf,
          stride);
    }
  }

  /** Without a single valid step the state, and so its gradient, passes through unchanged. */
  private void storeGradientIn(
      Scratch scratch, SuffixSums sums, double countIn, boolean unchanged) {
    GroupRange range = sums.range();
    double[] a = sums.a();
    double[] q = sums.q();
    if (unchanged) {
      range.loadState(gradientOut.mean(), a);
      range.loadState(gradientOut.variance(), q);
    } else {
      double[] meanIn = scratch.doubles(MEAN_IN, range.groups());
      range.loadState(in.mean(), meanIn);
      for (int g = 0; g < range.groups(); g++) {
        a[g] = countIn * (a[g] + 2 * (meanIn[g] - sums.origin(g)) * q[g]);
        q[g] = countIn * q[g];
      }
    }
    range.storeState(a, gradientIn.mean());
    range.storeState(q, gradientIn.variance());
  }
}
