package dev.megalodon.kernels.cpu;

import static dev.megalodon.kernels.cpu.CemaBlock.STRIDE;
import static dev.megalodon.kernels.cpu.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/**
 * Loops over the steps of one tile for one vector of channels. A mode's rows in the coefficients
 * and states begin at multiples of {@link CemaBlock#STRIDE}, in the order that {@link CemaBlock}
 * names. All of a mode's numbers stay in registers over the tile.
 */
final class CemaKernels {
  /** Sums that a mode's parameters get: dp, dq (2), dg (2). */
  static final int SUMS = 5;

  private CemaKernels() {}

  /**
   * Two modes of the recurrence: h = q·h + p·x and y += Re(g·h).
   *
   * @param at first channel
   * @param c where the first mode's coefficients of these channels begin; the second's follow
   * @param s where the first mode's state begins; the second's follows
   */
  static void forward(
      float[] x, float[] y, int at, int steps, float[] coefficients, int c, float[] states, int s) {
    FloatVector qr0 = fromArray(SPECIES, coefficients, c + CemaBlock.Q_RE * STRIDE);
    FloatVector qi0 = fromArray(SPECIES, coefficients, c + CemaBlock.Q_IM * STRIDE);
    FloatVector p0 = fromArray(SPECIES, coefficients, c + CemaBlock.P * STRIDE);
    FloatVector gr0 = fromArray(SPECIES, coefficients, c + CemaBlock.G_RE * STRIDE);
    FloatVector gi0 = fromArray(SPECIES, coefficients, c + CemaBlock.G_IM * STRIDE).neg();
    int c1 = c + CemaBlock.ROWS * STRIDE;
    FloatVector qr1 = fromArray(SPECIES, coefficients, c1 + CemaBlock.Q_RE * STRIDE);
    FloatVector qi1 = fromArray(SPECIES, coefficients, c1 + CemaBlock.Q_IM * STRIDE);
    FloatVector p1 = fromArray(SPECIES, coefficients, c1 + CemaBlock.P * STRIDE);
    FloatVector gr1 = fromArray(SPECIES, coefficients, c1 + CemaBlock.G_RE * STRIDE);
    FloatVector gi1 = fromArray(SPECIES, coefficients, c1 + CemaBlock.G_IM * STRIDE).neg();
    FloatVector re0 = fromArray(SPECIES, states, s);
    FloatVector im0 = fromArray(SPECIES, states, s + STRIDE);
    FloatVector re1 = fromArray(SPECIES, states, s + 2 * STRIDE);
    FloatVector im1 = fromArray(SPECIES, states, s + 3 * STRIDE);
    FloatVector minusQi0 = qi0.neg();
    FloatVector minusQi1 = qi1.neg();
    for (int t = at; t < at + steps * STRIDE; t += STRIDE) {
      FloatVector input = fromArray(SPECIES, x, t);
      FloatVector next0 = re0.fma(qr0, im0.fma(minusQi0, input.mul(p0)));
      FloatVector next1 = re1.fma(qr1, im1.fma(minusQi1, input.mul(p1)));
      im0 = im0.fma(qr0, re0.mul(qi0));
      im1 = im1.fma(qr1, re1.mul(qi1));
      re0 = next0;
      re1 = next1;
      FloatVector first = im0.fma(gi0, re0.fma(gr0, fromArray(SPECIES, y, t)));
      im1.fma(gi1, re1.fma(gr1, first)).intoArray(y, t);
    }
    re0.intoArray(states, s);
    im0.intoArray(states, s + STRIDE);
    re1.intoArray(states, s + 2 * STRIDE);
    im1.intoArray(states, s + 3 * STRIDE);
  }

  /** Two modes of the recurrence without its output: h = q·h + p·x. */
  static void advance(
      float[] x, int at, int steps, float[] coefficients, int c, float[] states, int s) {
    FloatVector qr0 = fromArray(SPECIES, coefficients, c + CemaBlock.Q_RE * STRIDE);
    FloatVector qi0 = fromArray(SPECIES, coefficients, c + CemaBlock.Q_IM * STRIDE);
    FloatVector p0 = fromArray(SPECIES, coefficients, c + CemaBlock.P * STRIDE);
    int c1 = c + CemaBlock.ROWS * STRIDE;
    FloatVector qr1 = fromArray(SPECIES, coefficients, c1 + CemaBlock.Q_RE * STRIDE);
    FloatVector qi1 = fromArray(SPECIES, coefficients, c1 + CemaBlock.Q_IM * STRIDE);
    FloatVector p1 = fromArray(SPECIES, coefficients, c1 + CemaBlock.P * STRIDE);
    FloatVector re0 = fromArray(SPECIES, states, s);
    FloatVector im0 = fromArray(SPECIES, states, s + STRIDE);
    FloatVector re1 = fromArray(SPECIES, states, s + 2 * STRIDE);
    FloatVector im1 = fromArray(SPECIES, states, s + 3 * STRIDE);
    FloatVector minusQi0 = qi0.neg();
    FloatVector minusQi1 = qi1.neg();
    for (int t = at; t < at + steps * STRIDE; t += STRIDE) {
      FloatVector input = fromArray(SPECIES, x, t);
      FloatVector next0 = re0.fma(qr0, im0.fma(minusQi0, input.mul(p0)));
      FloatVector next1 = re1.fma(qr1, im1.fma(minusQi1, input.mul(p1)));
      im0 = im0.fma(qr0, re0.mul(qi0));
      im1 = im1.fma(qr1, re1.mul(qi1));
      re0 = next0;
      re1 = next1;
    }
    re0.intoArray(states, s);
    im0.intoArray(states, s + STRIDE);
    re1.intoArray(states, s + 2 * STRIDE);
    im1.intoArray(states, s + 3 * STRIDE);
  }

  /**
   * Two modes of the adjoint without its gradients, from the last step to the first: l = q̄·(ḡ·dy +
   * l).
   */
  static void retreat(
      float[] dy, int at, int steps, float[] coefficients, int c, float[] later, int s) {
    FloatVector qr0 = fromArray(SPECIES, coefficients, c + CemaBlock.Q_RE * STRIDE);
    FloatVector qi0 = fromArray(SPECIES, coefficients, c + CemaBlock.Q_IM * STRIDE);
    FloatVector gr0 = fromArray(SPECIES, coefficients, c + CemaBlock.G_RE * STRIDE);
    FloatVector gi0 = fromArray(SPECIES, coefficients, c + CemaBlock.G_IM * STRIDE).neg();
    int c1 = c + CemaBlock.ROWS * STRIDE;
    FloatVector qr1 = fromArray(SPECIES, coefficients, c1 + CemaBlock.Q_RE * STRIDE);
    FloatVector qi1 = fromArray(SPECIES, coefficients, c1 + CemaBlock.Q_IM * STRIDE);
    FloatVector gr1 = fromArray(SPECIES, coefficients, c1 + CemaBlock.G_RE * STRIDE);
    FloatVector gi1 = fromArray(SPECIES, coefficients, c1 + CemaBlock.G_IM * STRIDE).neg();
    FloatVector minusQi0 = qi0.neg();
    FloatVector minusQi1 = qi1.neg();
    FloatVector qgr0 = qr0.fma(gr0, qi0.mul(gi0));
    FloatVector qgi0 = qr0.fma(gi0, minusQi0.mul(gr0));
    FloatVector qgr1 = qr1.fma(gr1, qi1.mul(gi1));
    FloatVector qgi1 = qr1.fma(gi1, minusQi1.mul(gr1));
    FloatVector lr0 = fromArray(SPECIES, later, s);
    FloatVector li0 = fromArray(SPECIES, later, s + STRIDE);
    FloatVector lr1 = fromArray(SPECIES, later, s + 2 * STRIDE);
    FloatVector li1 = fromArray(SPECIES, later, s + 3 * STRIDE);
    for (int t = at + (steps - 1) * STRIDE; t >= at; t -= STRIDE) {
      FloatVector gradient = fromArray(SPECIES, dy, t);
      FloatVector next0 = lr0.fma(qr0, li0.fma(qi0, gradient.mul(qgr0)));
      FloatVector next1 = lr1.fma(qr1, li1.fma(qi1, gradient.mul(qgr1)));
      li0 = li0.fma(qr0, lr0.fma(minusQi0, gradient.mul(qgi0)));
      li1 = li1.fma(qr1, lr1.fma(minusQi1, gradient.mul(qgi1)));
      lr0 = next0;
      lr1 = next1;
    }
    lr0.intoArray(later, s);
    li0.intoArray(later, s + STRIDE);
    lr1.intoArray(later, s + 2 * STRIDE);
    li1.intoArray(later, s + 3 * STRIDE);
  }

  /**
   * One mode's states before every step of a tile and after the last, from the one before the tile.
   *
   * @param history (steps + 1, 2, lanes)
   */
  static void history(
      float[] x,
      int at,
      int steps,
      float[] coefficients,
      int c,
      float[] states,
      int s,
      float[] history) {
    FloatVector qr = fromArray(SPECIES, coefficients, c + CemaBlock.Q_RE * STRIDE);
    FloatVector qi = fromArray(SPECIES, coefficients, c + CemaBlock.Q_IM * STRIDE);
    FloatVector p = fromArray(SPECIES, coefficients, c + CemaBlock.P * STRIDE);
    FloatVector re = fromArray(SPECIES, states, s);
    FloatVector im = fromArray(SPECIES, states, s + STRIDE);
    FloatVector minusQi = qi.neg();
    re.intoArray(history, 0);
    im.intoArray(history, SPECIES.length());
    int h = 2 * SPECIES.length();
    for (int t = at; t < at + steps * STRIDE; t += STRIDE) {
      FloatVector next = re.fma(qr, im.fma(minusQi, fromArray(SPECIES, x, t).mul(p)));
      im = im.fma(qr, re.mul(qi));
      re = next;
      re.intoArray(history, h);
      im.intoArray(history, h + SPECIES.length());
      h += 2 * SPECIES.length();
    }
  }

  /**
   * One mode of the adjoint, from the last step to the first: a = ḡ·dy + l, dx += p·Re a, then l =
   * q̄·a for the step before; and the tile's sums of x·Re a, conj(h before)·a and conj(h)·dy.
   *
   * @param later l of these channels, in the layout of states
   * @param sums (SUMS, lanes), overwritten
   */
  static void backward(
      float[] x,
      float[] dy,
      float[] dx,
      int at,
      int steps,
      float[] coefficients,
      int c,
      float[] later,
      int s,
      float[] history,
      float[] sums) {
    FloatVector qr = fromArray(SPECIES, coefficients, c + CemaBlock.Q_RE * STRIDE);
    FloatVector qi = fromArray(SPECIES, coefficients, c + CemaBlock.Q_IM * STRIDE);
    FloatVector p = fromArray(SPECIES, coefficients, c + CemaBlock.P * STRIDE);
    FloatVector gr = fromArray(SPECIES, coefficients, c + CemaBlock.G_RE * STRIDE);
    FloatVector gi = fromArray(SPECIES, coefficients, c + CemaBlock.G_IM * STRIDE).neg();
    FloatVector minusQi = qi.neg();
    // q̄·ḡ, so that l does not wait for a.
    FloatVector qgr = qr.fma(gr, qi.mul(gi));
    FloatVector qgi = qr.fma(gi, minusQi.mul(gr));
    FloatVector lr = fromArray(SPECIES, later, s);
    FloatVector li = fromArray(SPECIES, later, s + STRIDE);
    FloatVector dp = FloatVector.zero(SPECIES);
    FloatVector arHr = dp;
    FloatVector aiHi = dp;
    FloatVector aiHr = dp;
    FloatVector arHi = dp;
    FloatVector dgr = dp;
    FloatVector dgi = dp;
    int h = 2 * SPECIES.length() * steps;
    FloatVector hr = fromArray(SPECIES, history, h);
    FloatVector hi = fromArray(SPECIES, history, h + SPECIES.length());
    for (int t = at + (steps - 1) * STRIDE; t >= at; t -= STRIDE) {
      h -= 2 * SPECIES.length();
      FloatVector gradient = fromArray(SPECIES, dy, t);
      FloatVector ar = gradient.fma(gr, lr);
      FloatVector ai = gradient.fma(gi, li);
      dgr = gradient.fma(hr, dgr);
      dgi = gradient.fma(hi, dgi);
      hr = fromArray(SPECIES, history, h);
      hi = fromArray(SPECIES, history, h + SPECIES.length());
      dp = ar.fma(fromArray(SPECIES, x, t), dp);
      arHr = ar.fma(hr, arHr);
      aiHi = ai.fma(hi, aiHi);
      aiHr = ai.fma(hr, aiHr);
      arHi = ar.fma(hi, arHi);
      ar.fma(p, fromArray(SPECIES, dx, t)).intoArray(dx, t);
      FloatVector next = lr.fma(qr, li.fma(qi, gradient.mul(qgr)));
      li = li.fma(qr, lr.fma(minusQi, gradient.mul(qgi)));
      lr = next;
    }
    lr.intoArray(later, s);
    li.intoArray(later, s + STRIDE);
    dp.intoArray(sums, 0);
    arHr.add(aiHi).intoArray(sums, SPECIES.length());
    aiHr.sub(arHi).intoArray(sums, 2 * SPECIES.length());
    dgr.intoArray(sums, 3 * SPECIES.length());
    dgi.neg().intoArray(sums, 4 * SPECIES.length());
  }
}
