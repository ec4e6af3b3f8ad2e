package dev.megalodon.kernels.cpu;

import static dev.megalodon.kernels.cpu.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/** Loops over one row of n elements in a tile, n a multiple of {@link Lanes#WIDTH}. */
final class SoftmaxKernels {
  private SoftmaxKernels() {}

  /** x = e^(x − max) in place; returns Σ x. */
  static float exponentials(float[] x, int at, float max, int n, float[] lanes) {
    for (int part = 0; part < Lanes.WIDTH; part += SPECIES.length()) {
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int i = part; i < n; i += Lanes.WIDTH) {
        FloatVector e = Exponential.exp(fromArray(SPECIES, x, at + i).sub(max));
        e.intoArray(x, at + i);
        sum = sum.add(e);
      }
      sum.intoArray(lanes, part);
    }
    return Lanes.join(lanes);
  }

  /** x = x·factor in place. */
  static void scale(float[] x, int at, float factor, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, x, at + i).mul(factor).intoArray(x, at + i);
    }
  }

  /** dS = P ⊙ (dP − product), over dP. */
  static void backward(float[] p, float[] dp, int at, float product, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, dp, at + i)
          .sub(product)
          .mul(fromArray(SPECIES, p, at + i))
          .intoArray(dp, at + i);
    }
  }
}
