package dev.megalodon.kernels.cpu;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm.MomentGradient;
import dev.megalodon.kernels.TimestepNorm.Saved;
import dev.megalodon.kernels.TimestepNorm.StateGradient;
import dev.megalodon.kernels.host.HostElements;
import dev.megalodon.kernels.shape.TimestepNormShape;
import java.util.Arrays;
import java.util.Optional;

/**
 * Gradients of the moments of one range of groups, from the last step to the first. With e = dy·(w
 * + 1), μ, r of each step and an origin κ, the last mean in single precision:
 *
 * <pre>
 *   dμ = −r·Σe,  dv = −½·r³·Σe·(x − μ)             direct gradients of one step's statistics
 *   A += (dμ − 2·(μ − κ)·dv)/n,  Q += dv/n         suffix sums, in double
 * </pre>
 *
 * All arrays are a member's scratch: floats of slots 0 to 5, doubles of slots 0 to 4.
 *
 * @param inputs (STEPS, stride), x − κ of the current tile
 * @param gradients (STEPS, stride), dy of the current tile, e once a step was added
 * @param shift (stride), κ by channel
 * @param weights (stride), w + 1
 * @param floatMeans (STEPS, groups), μ − κ in single precision
 * @param floatDeviations (STEPS, groups), r in single precision
 * @param a (groups), A so far
 * @param q (groups), Q so far
 * @param means (STEPS, groups), μ − κ
 * @param deviations (STEPS, groups), r
 * @param products (2)
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SuffixSums(
    GroupRange range,
    Optional<Tensor> padding,
    Saved saved,
    float[] inputs,
    float[] gradients,
    float[] shift,
    float[] weights,
    float[] floatMeans,
    float[] floatDeviations,
    double[] a,
    double[] q,
    double[] means,
    double[] deviations,
    double[] products) {
  private static final int INPUTS = 0;
  private static final int GRADIENTS = 1;
  private static final int SHIFT = 2;
  private static final int WEIGHT = 3;
  private static final int FLOAT_MEANS = 4;
  private static final int FLOAT_DEVIATIONS = 5;
  private static final int A = 0;
  private static final int Q = 1;
  private static final int MEANS = 2;
  private static final int DEVIATIONS = 3;
  private static final int PRODUCTS = 4;

  static SuffixSums of(
      Scratch scratch, GroupRange range, Optional<Tensor> padding, Tensor weight, Saved saved) {
    int stride = range.stride();
    int statistics = GroupRange.STEPS * range.groups();
    SuffixSums sums =
        new SuffixSums(
            range,
            padding,
            saved,
            scratch.floats(INPUTS, GroupRange.STEPS * stride),
            scratch.floats(GRADIENTS, GroupRange.STEPS * stride),
            scratch.floats(SHIFT, stride),
            scratch.floats(WEIGHT, stride),
            scratch.floats(FLOAT_MEANS, statistics),
            scratch.floats(FLOAT_DEVIATIONS, statistics),
            scratch.doubles(A, range.groups()),
            scratch.doubles(Q, range.groups()),
            scratch.doubles(MEANS, statistics),
            scratch.doubles(DEVIATIONS, statistics),
            scratch.doubles(PRODUCTS, 2));
    sums.fillShift();
    Weights.loadPlusOne(weight, range.firstChannel(), range.width(), sums.weights, /* at= */ 0);
    return sums;
  }

  private void fillShift() {
    int size = range.shape().groupSize();
    for (int g = 0; g < range.groups(); g++) {
      Arrays.fill(shift, g * size, (g + 1) * size, (float) lastMean(g));
    }
    Arrays.fill(shift, range.width(), range.stride(), 0);
  }

  private double lastMean(int g) {
    TimestepNormShape shape = range.shape();
    long at = shape.statisticsIndex(range.batch(), shape.length() - 1, range.firstGroup() + g);
    return HostElements.get(saved.mean(), at);
  }

  /** κ of a group. */
  double origin(int g) {
    return shift[g * range.shape().groupSize()];
  }

  /** Steps of the piece that count. */
  double validSteps() {
    int steps = 0;
    for (int t = 0; t < range.shape().length(); t++) {
      steps += range.isPadded(padding, t) ? 0 : 1;
    }
    return steps;
  }

  /** Begins with what the state after the piece, of n steps, adds. */
  void start(StateGradient gradientOut, double n) {
    range.loadState(gradientOut.mean(), a);
    range.loadState(gradientOut.variance(), q);
    for (int g = 0; g < range.groups(); g++) {
      double mean = lastMean(g) - origin(g);
      a[g] = n == 0 ? 0 : (a[g] - 2 * mean * q[g]) / n;
      q[g] = n == 0 ? 0 : q[g] / n;
    }
  }

  /** Loads inputs, gradients and statistics of the tile that begins at a step. */
  void loadTile(Tensor dy, Tensor x, int step) {
    range.loadTile(x, step, inputs);
    range.loadTile(dy, step, gradients);
    range.loadStatistics(saved.mean(), step, means);
    range.loadStatistics(saved.inverseDeviation(), step, deviations);
    for (int r = 0; r < range.rows(step); r++) {
      TimestepNormKernels.subtract(inputs, r * range.stride(), shift, range.stride());
      for (int g = 0; g < range.groups(); g++) {
        int at = r * range.groups() + g;
        means[at] -= origin(g);
        floatMeans[at] = (float) means[at];
        floatDeviations[at] = (float) deviations[at];
      }
    }
  }

  /** Turns row r's gradients into e and adds the step, the n-th, to A and Q. */
  void add(int r, double n) {
    int row = r * range.stride();
    PointwiseKernels.multiplyAt(gradients, row, weights, 0, gradients, row, range.stride());
    int size = range.shape().groupSize();
    for (int g = 0; g < range.groups(); g++) {
      int at = r * range.groups() + g;
      TimestepNormKernels.products(gradients, inputs, row + g * size, size, products);
      double deviation = deviations[at];
      double centred = products[1] - means[at] * products[0];
      double dVariance = -0.5 * deviation * deviation * deviation * centred;
      double dMean = -deviation * products[0];
      a[g] += (dMean - 2 * means[at] * dVariance) / n;
      q[g] += dVariance / n;
    }
  }

  /** Writes κ, A and Q. */
  void store(MomentGradient result) {
    range.storeState(a, result.first());
    range.storeState(q, result.second());
    for (int g = 0; g < range.groups(); g++) {
      HostElements.set(result.origin(), range.stateIndex() + g, origin(g));
    }
  }
}
