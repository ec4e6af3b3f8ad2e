package dev.megalodon.kernels.cpu;

import static dev.megalodon.kernels.host.HostElements.get;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.megalodon.kernels.Cema.Coefficients;
import dev.megalodon.kernels.Cema.Parameters;
import java.lang.foreign.MemorySegment;

/** From parameters to coefficients and back, one channel at a time, in double. */
final class CemaCoefficients {
  private CemaCoefficients() {}

  /** Coefficients of channel d with N modes; n is counted from 0 here, from 1 in the formula. */
  static void compute(Parameters parameters, int d, int modes, Coefficients result) {
    MemorySegment q = result.q().memory();
    MemorySegment g = result.g().memory();
    double sigmaTheta = sigmoid(get(parameters.theta(), d));
    double root = Math.sqrt(modes);
    for (int n = 0; n < modes; n++) {
      long at = (long) d * modes + n;
      double a = sigmoid(get(parameters.alpha(), at));
      double rho = 1 - a * sigmoid(get(parameters.delta(), at));
      double phi = sigmaTheta * anglePerTheta(n, modes);
      result.p().memory().setAtIndex(JAVA_FLOAT, at, (float) a);
      q.setAtIndex(JAVA_FLOAT, 2 * at, (float) (rho * StrictMath.cos(phi)));
      q.setAtIndex(JAVA_FLOAT, 2 * at + 1, (float) (rho * StrictMath.sin(phi)));
      g.setAtIndex(JAVA_FLOAT, 2 * at, (float) (get(parameters.gamma(), 2 * at) / root));
      g.setAtIndex(JAVA_FLOAT, 2 * at + 1, (float) (get(parameters.gamma(), 2 * at + 1) / root));
    }
  }

  /**
   * Adds the gradients of one mode's parameters to {@code gradients} and returns what it adds to
   * σ(theta).
   *
   * @param sums dp, Re dq, Im dq, Re dg, Im dg
   */
  static double addGradients(
      Parameters parameters,
      Coefficients coefficients,
      int d,
      int n,
      int modes,
      double[] sums,
      Parameters gradients) {
    long at = (long) d * modes + n;
    double a = sigmoid(get(parameters.alpha(), at));
    double delta = sigmoid(get(parameters.delta(), at));
    double qRe = at(coefficients.q().memory(), 2 * at);
    double qIm = at(coefficients.q().memory(), 2 * at + 1);
    double dRho = (sums[1] * qRe + sums[2] * qIm) / (1 - a * delta);
    double dPhi = sums[2] * qRe - sums[1] * qIm;
    double root = Math.sqrt(modes);
    add(gradients.alpha().memory(), at, (sums[0] - delta * dRho) * a * (1 - a));
    add(gradients.delta().memory(), at, -a * dRho * delta * (1 - delta));
    add(gradients.gamma().memory(), 2 * at, sums[3] / root);
    add(gradients.gamma().memory(), 2 * at + 1, sums[4] / root);
    return dPhi * anglePerTheta(n, modes);
  }

  /** Adds theta's gradient, given that of σ(theta). */
  static void addThetaGradient(Parameters parameters, int d, double dSigma, Parameters gradients) {
    double sigma = sigmoid(get(parameters.theta(), d));
    add(gradients.theta().memory(), d, sigma * (1 - sigma) * dSigma);
  }

  /** φ per σ(theta): (n + 1)·2π/N. */
  private static double anglePerTheta(int n, int modes) {
    return (n + 1) * 2 * Math.PI / modes;
  }

  private static double at(MemorySegment memory, long index) {
    return memory.getAtIndex(JAVA_FLOAT, index);
  }

  static void add(MemorySegment memory, long index, double value) {
    memory.setAtIndex(JAVA_FLOAT, index, (float) (at(memory, index) + value));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }
}
