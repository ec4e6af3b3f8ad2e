package dev.megalodon.kernels.cpu;

import static dev.megalodon.kernels.cpu.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/** Loops over one row of n elements in a tile, n a multiple of {@link Lanes#WIDTH}. */
final class NormKernels {
  private NormKernels() {}

  /** y = x·scale·w. */
  static void scale(float[] x, int at, float scale, float[] w, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, x, at + i).mul(scale).mul(fromArray(SPECIES, w, i)).intoArray(y, yAt + i);
    }
  }

  /** y = x·scale·w + b, w and b at an offset. */
  static void affine(
      float[] x, int at, float scale, float[] w, float[] b, int wAt, float[] y, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, x, at + i)
          .mul(scale)
          .fma(fromArray(SPECIES, w, wAt + i), fromArray(SPECIES, b, wAt + i))
          .intoArray(y, at + i);
    }
  }

  /** x = x − mean. */
  static void centre(float[] x, int at, float mean, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, x, at + i).sub(mean).intoArray(x, at + i);
    }
  }

  /** g = dy·w. */
  static void weigh(float[] dy, int at, float[] w, int wAt, float[] g, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, dy, at + i).mul(fromArray(SPECIES, w, wAt + i)).intoArray(g, i);
    }
  }

  /** g += dy·w. */
  static void weighMore(float[] dy, int at, float[] w, int wAt, float[] g, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, dy, at + i)
          .fma(fromArray(SPECIES, w, wAt + i), fromArray(SPECIES, g, i))
          .intoArray(g, i);
    }
  }

  /** sums += dy·(x·scale): a weight's gradient from one row. */
  static void weightGradient(
      float[] dy, float[] x, int at, float scale, float[] sums, int sumsAt, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, x, at + i)
          .mul(scale)
          .fma(fromArray(SPECIES, dy, at + i), fromArray(SPECIES, sums, sumsAt + i))
          .intoArray(sums, sumsAt + i);
    }
  }

  /** dx = g·scale + x·slope + constant. */
  static void inputGradient(
      float[] g, float scale, float[] x, int at, float slope, float constant, float[] dx, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      FloatVector shifted = fromArray(SPECIES, x, at + i).fma(slope, constant);
      fromArray(SPECIES, g, i)
          .fma(FloatVector.broadcast(SPECIES, scale), shifted)
          .intoArray(dx, at + i);
    }
  }
}
