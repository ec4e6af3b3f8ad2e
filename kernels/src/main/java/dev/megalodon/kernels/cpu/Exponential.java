package dev.megalodon.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * e^x and what is made of it, as polynomials in fused multiply-adds, whose bits are the same
 * interpreted and compiled. Argument reduction by Cody and Waite: x = n·ln 2 + r with |r| ≤ ln 2 /
 * 2, e^r by a polynomial of degree 6 (Cephes expf). The relative error is below 2e-7.
 */
final class Exponential {
  /** Below, e^x would no longer be a normal number; such arguments are taken for this one. */
  static final float MIN = -87.33f;

  /** Above, e^x would overflow in intermediate steps; such arguments are taken for this one. */
  static final float MAX = 88.0f;

  private static final float LOG2_E = 1.44269504f;
  private static final float LN_2_HIGH = 0.693145751953125f;
  private static final float LN_2_LOW = 1.42860677e-6f;

  /** 1.5·2²³: adding it rounds to a whole number, left in the lowest bits of the sum. */
  private static final float ROUNDER = 12582912f;

  private static final int EXPONENT_BIAS = 127;
  private static final int EXPONENT_SHIFT = 23;

  private Exponential() {}

  /** e^x, x clamped to [MIN, MAX]; NaN stays NaN. */
  static FloatVector exp(FloatVector x) {
    FloatVector clamped = clamp(x);
    FloatVector shifted = clamped.fma(LOG2_E, ROUNDER);
    FloatVector n = shifted.sub(ROUNDER);
    FloatVector r =
        n.fma(
            FloatVector.broadcast(Lanes.SPECIES, -LN_2_LOW),
            n.fma(FloatVector.broadcast(Lanes.SPECIES, -LN_2_HIGH), clamped));
    FloatVector p = r.fma(1.9875691500e-4f, 1.3981999507e-3f);
    p = p.fma(r, FloatVector.broadcast(Lanes.SPECIES, 8.3334519073e-3f));
    p = p.fma(r, FloatVector.broadcast(Lanes.SPECIES, 4.1665795894e-2f));
    p = p.fma(r, FloatVector.broadcast(Lanes.SPECIES, 1.6666665459e-1f));
    p = p.fma(r, FloatVector.broadcast(Lanes.SPECIES, 5.0000001201e-1f));
    p = p.fma(r.mul(r), r).add(1f);
    return p.mul(
        shifted
            .reinterpretAsInts()
            .add(EXPONENT_BIAS)
            .lanewise(VectorOperators.LSHL, EXPONENT_SHIFT)
            .reinterpretAsFloats());
  }

  /** By comparison: {@code max} and {@code min} take half as long again for their rules on NaN. */
  private static FloatVector clamp(FloatVector x) {
    FloatVector raised = x.blend(MIN, x.compare(VectorOperators.LT, MIN));
    return raised.blend(MAX, raised.compare(VectorOperators.GT, MAX));
  }

  /** σ(x) = 1/(1 + e^−x). */
  static FloatVector sigmoid(FloatVector x) {
    return FloatVector.broadcast(Lanes.SPECIES, 1f).div(exp(x.neg()).add(1f));
  }

  /** x·σ(x). */
  static FloatVector silu(FloatVector x) {
    return x.div(exp(x.neg()).add(1f));
  }

  /** The derivative of silu: σ(x)·(1 + x·(1 − σ(x))). */
  static FloatVector siluDerivative(FloatVector x) {
    FloatVector s = sigmoid(x);
    return s.fma(x.sub(x.mul(s)), s);
  }
}
