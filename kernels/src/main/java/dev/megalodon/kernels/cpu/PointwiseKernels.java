package dev.megalodon.kernels.cpu;

import static dev.megalodon.kernels.cpu.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/** Loops over tiles of n elements, n a multiple of {@link Lanes#WIDTH}. Outputs may be inputs. */
final class PointwiseKernels {
  private PointwiseKernels() {}

  static void accumulate(float scale, float[] source, float[] target, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, source, i)
          .fma(FloatVector.broadcast(SPECIES, scale), fromArray(SPECIES, target, i))
          .intoArray(target, i);
    }
  }

  static void add(float[] a, float[] b, float[] sum, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, a, i).add(fromArray(SPECIES, b, i)).intoArray(sum, i);
    }
  }

  static void multiply(float[] a, float[] b, float[] product, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, a, i).mul(fromArray(SPECIES, b, i)).intoArray(product, i);
    }
  }

  static void scale(float[] x, float factor, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, x, i).mul(factor).intoArray(x, i);
    }
  }

  static void silu(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      Exponential.silu(fromArray(SPECIES, x, i)).intoArray(y, i);
    }
  }

  static void siluBackward(float[] dy, float[] x, float[] dx, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      Exponential.siluDerivative(fromArray(SPECIES, x, i))
          .mul(fromArray(SPECIES, dy, i))
          .intoArray(dx, i);
    }
  }

  static void swiglu(float[] gate, float[] up, float[] h, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      Exponential.silu(fromArray(SPECIES, gate, i)).mul(fromArray(SPECIES, up, i)).intoArray(h, i);
    }
  }

  /** dUp = dh ⊙ silu(gate) over dh, dGate = dh ⊙ up ⊙ silu'(gate) over gate. */
  static void swigluBackward(float[] dh, float[] gate, float[] up, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      FloatVector x = fromArray(SPECIES, gate, i);
      FloatVector gradient = fromArray(SPECIES, dh, i);
      FloatVector sigmoid = Exponential.sigmoid(x);
      FloatVector silu = x.mul(sigmoid);
      FloatVector derivative = sigmoid.fma(x.sub(silu), sigmoid);
      gradient.mul(silu).intoArray(dh, i);
      gradient.mul(fromArray(SPECIES, up, i)).mul(derivative).intoArray(gate, i);
    }
  }

  /** target += a ⊙ b, at an offset. */
  static void multiplyAccumulate(
      float[] a, int aFrom, float[] b, int bFrom, float[] target, int from, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, a, aFrom + i)
          .fma(fromArray(SPECIES, b, bFrom + i), fromArray(SPECIES, target, from + i))
          .intoArray(target, from + i);
    }
  }

  /** target += a, at an offset. */
  static void addAt(float[] a, int aFrom, float[] target, int from, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, target, from + i)
          .add(fromArray(SPECIES, a, aFrom + i))
          .intoArray(target, from + i);
    }
  }

  /** y = a ⊙ b, at offsets. */
  static void multiplyAt(float[] a, int aFrom, float[] b, int bFrom, float[] y, int from, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      fromArray(SPECIES, a, aFrom + i).mul(fromArray(SPECIES, b, bFrom + i)).intoArray(y, from + i);
    }
  }

  /** Adds the squares of n elements into WIDTH lanes in double. */
  static void addSquares(float[] x, int n, double[] lanes) {
    for (int i = 0; i < n; i += Lanes.WIDTH) {
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        double value = x[i + lane];
        lanes[lane] += value * value;
      }
    }
  }
}
