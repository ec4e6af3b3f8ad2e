package dev.megalodon.kernels.host;

import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.Cema.Coefficients;
import dev.megalodon.kernels.Cema.Slice;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.CemaShape;
import java.util.List;

/**
 * Joins the slices of a moving average by Horner's rule, in double: h ← q^L·h + u for one slice
 * after the other, or with q̄ for gradients.
 *
 * @param shape of the states
 * @param coefficients of the recurrence
 * @param slices in the order in which they are joined
 * @param conjugated whether q̄ takes the place of q
 * @param result (B, D, N, 2), overwritten; may be a slice's
 */
public record HostAverages(
    CemaShape shape,
    Coefficients coefficients,
    List<Slice> slices,
    boolean conjugated,
    Tensor result) {
  /** Joins all sequences' states of some channels. */
  public void combine(int firstChannel, int endChannel) {
    ComplexPower power = new ComplexPower();
    double[] powers = new double[2 * slices.size()];
    for (int d = firstChannel; d < endChannel; d++) {
      for (int n = 0; n < shape.modes(); n++) {
        fillPowers(2 * ((long) d * shape.modes() + n), power, powers);
        for (int b = 0; b < shape.batch(); b++) {
          combine(shape.stateIndex(b, d, n), powers);
        }
      }
    }
  }

  /** q^L of all slices but the first; equal lengths, which most are, are computed once. */
  private void fillPowers(long mode, ComplexPower power, double[] powers) {
    double re = get(coefficients.q(), mode);
    double im = get(coefficients.q(), mode + 1);
    for (int i = 1; i < slices.size(); i++) {
      if (i == 1 || slices.get(i).length() != slices.get(i - 1).length()) {
        power.compute(re, conjugated ? -im : im, slices.get(i).length());
      }
      powers[2 * i] = power.re();
      powers[2 * i + 1] = power.im();
    }
  }

  private void combine(long at, double[] powers) {
    double re = get(slices.getFirst().reached(), at);
    double im = get(slices.getFirst().reached(), at + 1);
    for (int i = 1; i < slices.size(); i++) {
      Tensor reached = slices.get(i).reached();
      double qRe = powers[2 * i];
      double qIm = powers[2 * i + 1];
      double next = qRe * re - qIm * im + get(reached, at);
      im = qRe * im + qIm * re + get(reached, at + 1);
      re = next;
    }
    set(result, at, re);
    set(result, at + 1, im);
  }
}
