package dev.megalodon.kernels.cpu;

import static dev.megalodon.kernels.cpu.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/**
 * Loops over one step of some groups. Channel rows are padded to {@link Lanes#WIDTH}; {@code
 * groupOf} gives every channel's group, so that one value per group meets its channels.
 */
final class TimestepNormKernels {
  private TimestepNormKernels() {}

  /** x = x − shift. */
  static void subtract(float[] x, int at, float[] shift, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, x, at + i).sub(fromArray(SPECIES, shift, i)).intoArray(x, at + i);
    }
  }

  /** Σ x and Σ x² of one group of {@code size} channels, in double, into {@code sums}. */
  static void moments(float[] x, int at, int size, double[] sums) {
    double a0 = 0;
    double a1 = 0;
    double b0 = 0;
    double b1 = 0;
    int k = 0;
    for (; k + 1 < size; k += 2) {
      double x0 = x[at + k];
      double x1 = x[at + k + 1];
      a0 += x0;
      a1 += x1;
      b0 += x0 * x0;
      b1 += x1 * x1;
    }
    if (k < size) {
      double last = x[at + k];
      a0 += last;
      b0 += last * last;
    }
    sums[0] = a0 + a1;
    sums[1] = b0 + b1;
  }

  /** Σ e and Σ e·x of one group of {@code size} channels, in double, into {@code sums}. */
  static void products(float[] e, float[] x, int at, int size, double[] sums) {
    double a0 = 0;
    double a1 = 0;
    double b0 = 0;
    double b1 = 0;
    int k = 0;
    for (; k + 1 < size; k += 2) {
      double e0 = e[at + k];
      double e1 = e[at + k + 1];
      a0 += e0;
      a1 += e1;
      b0 += e0 * x[at + k];
      b1 += e1 * x[at + k + 1];
    }
    if (k < size) {
      double last = e[at + k];
      a0 += last;
      b0 += last * x[at + k];
    }
    sums[0] = a0 + a1;
    sums[1] = b0 + b1;
  }

  /** x = (x − mean)·r·w + b in place, mean and r per group. */
  static void normalize(
      float[] x,
      int at,
      float[] means,
      float[] deviations,
      int groupsAt,
      int[] groupOf,
      float[] w,
      float[] b,
      int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      FloatVector mean = fromArray(SPECIES, means, groupsAt, groupOf, i);
      FloatVector r = fromArray(SPECIES, deviations, groupsAt, groupOf, i);
      fromArray(SPECIES, x, at + i)
          .sub(mean)
          .mul(r)
          .fma(fromArray(SPECIES, w, i), fromArray(SPECIES, b, i))
          .intoArray(x, at + i);
    }
  }

  /** sums += dy·(x − mean)·r, mean and r per group. */
  static void weightGradient(
      float[] dy,
      float[] x,
      int at,
      float[] means,
      float[] deviations,
      int groupsAt,
      int[] groupOf,
      float[] sums,
      int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      FloatVector mean = fromArray(SPECIES, means, groupsAt, groupOf, i);
      FloatVector r = fromArray(SPECIES, deviations, groupsAt, groupOf, i);
      fromArray(SPECIES, x, at + i)
          .sub(mean)
          .mul(r)
          .fma(fromArray(SPECIES, dy, at + i), fromArray(SPECIES, sums, i))
          .intoArray(sums, i);
    }
  }

  /** e = e·r + x·slope + constant in place, all three per group. */
  static void inputGradient(
      float[] e,
      float[] x,
      int at,
      float[] deviations,
      float[] slopes,
      float[] constants,
      int groupsAt,
      int[] groupOf,
      int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      FloatVector r = fromArray(SPECIES, deviations, groupsAt, groupOf, i);
      FloatVector slope = fromArray(SPECIES, slopes, groupsAt, groupOf, i);
      FloatVector constant = fromArray(SPECIES, constants, groupsAt, groupOf, i);
      FloatVector fromState = fromArray(SPECIES, x, at + i).fma(slope, constant);
      fromArray(SPECIES, e, at + i).fma(r, fromState).intoArray(e, at + i);
    }
  }

  /** Welford's update of all groups with the moments of one step, the n-th. */
  static void update(
      double[] mean,
      double[] variance,
      double[] stepMean,
      double[] stepVariance,
      double n,
      int groups) {
    double share = 1 / n;
    double rest = 1 - share;
    for (int g = 0; g < groups; g++) {
      double delta = stepMean[g] - mean[g];
      variance[g] = rest * variance[g] + share * stepVariance[g] + share * rest * delta * delta;
      mean[g] += delta * share;
    }
  }
}
