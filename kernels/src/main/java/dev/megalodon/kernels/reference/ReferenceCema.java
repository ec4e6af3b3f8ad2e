package dev.megalodon.kernels.reference;

import static dev.megalodon.kernels.host.HostElements.addTo;
import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.host.HostAverages;
import dev.megalodon.kernels.shape.CemaShape;
import dev.megalodon.kernels.shape.Shapes;
import java.util.List;

/** The recurrence, mode by mode, and its adjoint. */
final class ReferenceCema implements Cema {
  @Override
  public void coefficients(Parameters parameters, Coefficients result) {
    int channels = Math.toIntExact(parameters.omega().size());
    int modes = CemaShape.modes(parameters);
    CemaShape.checkCoefficients(channels, modes, result);
    for (int d = 0; d < channels; d++) {
      for (int n = 0; n < modes; n++) {
        long at = (long) d * modes + n;
        Mode mode = Mode.of(parameters, modes, d, n);
        set(result.p(), at, mode.a);
        set(result.q(), 2 * at, mode.rho() * Math.cos(mode.phi()));
        set(result.q(), 2 * at + 1, mode.rho() * Math.sin(mode.phi()));
        set(result.g(), 2 * at, get(parameters.gamma(), 2 * at) / Math.sqrt(modes));
        set(result.g(), 2 * at + 1, get(parameters.gamma(), 2 * at + 1) / Math.sqrt(modes));
      }
    }
  }

  /** a = σ(alpha), δ' = σ(delta), σ(theta) and the angle's factor n·2π/N of one mode. */
  private record Mode(double a, double delta, double sigmaTheta, double anglePerTheta) {
    static Mode of(Parameters parameters, int modes, int d, int n) {
      long at = (long) d * modes + n;
      return new Mode(
          sigmoid(get(parameters.alpha(), at)),
          sigmoid(get(parameters.delta(), at)),
          sigmoid(get(parameters.theta(), d)),
          (n + 1) * 2 * Math.PI / modes);
    }

    double rho() {
      return 1 - a * delta;
    }

    double phi() {
      return sigmaTheta * anglePerTheta;
    }
  }

  @Override
  public void forward(
      Tensor x, Parameters parameters, Tensor stateIn, Tensor y, Saved saved, Tensor stateOut) {
    CemaShape shape = CemaShape.of(x, parameters, saved);
    shape.checkState("stateIn", stateIn).checkState("stateOut", stateOut).checkSequence("y", y);
    coefficients(parameters, saved.coefficients());
    for (int b = 0; b < shape.batch(); b++) {
      for (int d = 0; d < shape.channels(); d++) {
        skip(shape, b, d, x, parameters.omega(), y);
        for (int n = 0; n < shape.modes(); n++) {
          forwardMode(shape, b, d, n, x, stateIn, y, saved, stateOut);
        }
      }
    }
  }

  /** y = omega·x. */
  private static void skip(CemaShape shape, int b, int d, Tensor x, Tensor omega, Tensor y) {
    for (int t = 0; t < shape.length(); t++) {
      set(y, shape.index(b, t, d), get(omega, d) * get(x, shape.index(b, t, d)));
    }
  }

  private static void forwardMode(
      CemaShape shape,
      int b,
      int d,
      int n,
      Tensor x,
      Tensor stateIn,
      Tensor y,
      Saved saved,
      Tensor stateOut) {
    long mode = (long) d * shape.modes() + n;
    Coefficients c = saved.coefficients();
    double p = get(c.p(), mode);
    double qRe = get(c.q(), 2 * mode);
    double qIm = get(c.q(), 2 * mode + 1);
    double gRe = get(c.g(), 2 * mode);
    double gIm = get(c.g(), 2 * mode + 1);
    long state = shape.stateIndex(b, d, n);
    double re = get(stateIn, state);
    double im = get(stateIn, state + 1);
    for (int t = 0; t < shape.length(); t++) {
      if (t % CHECKPOINT_INTERVAL == 0) {
        long checkpoint = shape.savedIndex(b, t / CHECKPOINT_INTERVAL, d, n);
        set(saved.states(), checkpoint, re);
        set(saved.states(), checkpoint + 1, im);
      }
      double nextRe = qRe * re - qIm * im + p * get(x, shape.index(b, t, d));
      im = qRe * im + qIm * re;
      re = nextRe;
      addTo(y, shape.index(b, t, d), gRe * re - gIm * im);
    }
    set(stateOut, state, re);
    set(stateOut, state + 1, im);
  }

  @Override
  public void backward(
      Tensor dy,
      Tensor x,
      Parameters parameters,
      Saved saved,
      Tensor dStateOut,
      Tensor dx,
      Parameters gradients,
      Tensor dStateIn) {
    CemaShape shape = CemaShape.of(x, parameters, saved);
    shape.checkState("dStateOut", dStateOut).checkState("dStateIn", dStateIn);
    shape.checkSequence("dy", dy).checkSequence("dx", dx);
    Shapes.require(
        CemaShape.modes(gradients) == shape.modes(), "gradients have another number of modes");
    double[] dyColumn = new double[shape.length()];
    for (int b = 0; b < shape.batch(); b++) {
      for (int d = 0; d < shape.channels(); d++) {
        skipBackward(shape, b, d, dy, x, parameters.omega(), dx, gradients.omega(), dyColumn);
        for (int n = 0; n < shape.modes(); n++) {
          backwardMode(
              shape, b, d, n, dyColumn, x, parameters, saved, dStateOut, dx, gradients, dStateIn);
        }
      }
    }
  }

  /** dx = omega·dy, dOmega += Σ dy·x; keeps dy, which dx may overwrite. */
  private static void skipBackward(
      CemaShape shape,
      int b,
      int d,
      Tensor dy,
      Tensor x,
      Tensor omega,
      Tensor dx,
      Tensor dOmega,
      double[] dyColumn) {
    for (int t = 0; t < shape.length(); t++) {
      long at = shape.index(b, t, d);
      dyColumn[t] = get(dy, at);
      addTo(dOmega, d, dyColumn[t] * get(x, at));
      set(dx, at, get(omega, d) * dyColumn[t]);
    }
  }

  private static void backwardMode(
      CemaShape shape,
      int b,
      int d,
      int n,
      double[] dy,
      Tensor x,
      Parameters parameters,
      Saved saved,
      Tensor dStateOut,
      Tensor dx,
      Parameters gradients,
      Tensor dStateIn) {
    long mode = (long) d * shape.modes() + n;
    Coefficients c = saved.coefficients();
    double p = get(c.p(), mode);
    double qRe = get(c.q(), 2 * mode);
    double qIm = get(c.q(), 2 * mode + 1);
    double gRe = get(c.g(), 2 * mode);
    double gIm = get(c.g(), 2 * mode + 1);
    double[] h = states(shape, b, d, n, x, saved);
    long state = shape.stateIndex(b, d, n);
    // q̄·a of the step after: the gradient that reaches h from later steps.
    double laterRe = get(dStateOut, state);
    double laterIm = get(dStateOut, state + 1);
    double dp = 0;
    double dqRe = 0;
    double dqIm = 0;
    double dgRe = 0;
    double dgIm = 0;
    for (int t = shape.length() - 1; t >= 0; t--) {
      double aRe = gRe * dy[t] + laterRe;
      double aIm = -gIm * dy[t] + laterIm;
      double beforeRe = h[2 * t];
      double beforeIm = h[2 * t + 1];
      dp += get(x, shape.index(b, t, d)) * aRe;
      dqRe += beforeRe * aRe + beforeIm * aIm;
      dqIm += beforeRe * aIm - beforeIm * aRe;
      dgRe += h[2 * t + 2] * dy[t];
      dgIm -= h[2 * t + 3] * dy[t];
      addTo(dx, shape.index(b, t, d), p * aRe);
      laterRe = qRe * aRe + qIm * aIm;
      laterIm = qRe * aIm - qIm * aRe;
    }
    set(dStateIn, state, laterRe);
    set(dStateIn, state + 1, laterIm);
    parameterGradients(parameters, shape.modes(), d, n, dp, dqRe, dqIm, dgRe, dgIm, gradients);
  }

  /** h before every step and after the last, as pairs. */
  private static double[] states(CemaShape shape, int b, int d, int n, Tensor x, Saved saved) {
    long mode = (long) d * shape.modes() + n;
    Coefficients c = saved.coefficients();
    double p = get(c.p(), mode);
    double qRe = get(c.q(), 2 * mode);
    double qIm = get(c.q(), 2 * mode + 1);
    double[] h = new double[2 * shape.length() + 2];
    h[0] = get(saved.states(), shape.savedIndex(b, 0, d, n));
    h[1] = get(saved.states(), shape.savedIndex(b, 0, d, n) + 1);
    for (int t = 0; t < shape.length(); t++) {
      h[2 * t + 2] = qRe * h[2 * t] - qIm * h[2 * t + 1] + p * get(x, shape.index(b, t, d));
      h[2 * t + 3] = qRe * h[2 * t + 1] + qIm * h[2 * t];
    }
    return h;
  }

  private static void parameterGradients(
      Parameters parameters,
      int modes,
      int d,
      int n,
      double dp,
      double dqRe,
      double dqIm,
      double dgRe,
      double dgIm,
      Parameters gradients) {
    Mode mode = Mode.of(parameters, modes, d, n);
    double unitRe = Math.cos(mode.phi());
    double unitIm = Math.sin(mode.phi());
    double dRho = dqRe * unitRe + dqIm * unitIm;
    double dPhi = mode.rho() * (dqIm * unitRe - dqRe * unitIm);
    long at = (long) d * modes + n;
    addTo(gradients.alpha(), at, (dp - mode.delta * dRho) * mode.a * (1 - mode.a));
    addTo(gradients.delta(), at, -mode.a * dRho * mode.delta * (1 - mode.delta));
    addTo(
        gradients.theta(), d, mode.sigmaTheta * (1 - mode.sigmaTheta) * mode.anglePerTheta * dPhi);
    addTo(gradients.gamma(), 2 * at, dgRe / Math.sqrt(modes));
    addTo(gradients.gamma(), 2 * at + 1, dgIm / Math.sqrt(modes));
  }

  @Override
  public void advance(Tensor x, Coefficients coefficients, Tensor stateIn, Tensor stateOut) {
    CemaShape shape = CemaShape.of(x, coefficients);
    shape.checkState("stateIn", stateIn).checkState("stateOut", stateOut);
    for (int b = 0; b < shape.batch(); b++) {
      for (int d = 0; d < shape.channels(); d++) {
        for (int n = 0; n < shape.modes(); n++) {
          advanceMode(shape, b, d, n, x, coefficients, stateIn, stateOut);
        }
      }
    }
  }

  private static void advanceMode(
      CemaShape shape,
      int b,
      int d,
      int n,
      Tensor x,
      Coefficients c,
      Tensor stateIn,
      Tensor stateOut) {
    long mode = (long) d * shape.modes() + n;
    long state = shape.stateIndex(b, d, n);
    double qRe = get(c.q(), 2 * mode);
    double qIm = get(c.q(), 2 * mode + 1);
    double re = get(stateIn, state);
    double im = get(stateIn, state + 1);
    for (int t = 0; t < shape.length(); t++) {
      double next = qRe * re - qIm * im + get(c.p(), mode) * get(x, shape.index(b, t, d));
      im = qRe * im + qIm * re;
      re = next;
    }
    set(stateOut, state, re);
    set(stateOut, state + 1, im);
  }

  @Override
  public void retreat(Tensor dy, Coefficients coefficients, Tensor dStateOut, Tensor dStateIn) {
    CemaShape shape = CemaShape.of(dy, coefficients);
    shape.checkState("dStateOut", dStateOut).checkState("dStateIn", dStateIn);
    for (int b = 0; b < shape.batch(); b++) {
      for (int d = 0; d < shape.channels(); d++) {
        for (int n = 0; n < shape.modes(); n++) {
          retreatMode(shape, b, d, n, dy, coefficients, dStateOut, dStateIn);
        }
      }
    }
  }

  private static void retreatMode(
      CemaShape shape,
      int b,
      int d,
      int n,
      Tensor dy,
      Coefficients c,
      Tensor dStateOut,
      Tensor dStateIn) {
    long mode = (long) d * shape.modes() + n;
    long state = shape.stateIndex(b, d, n);
    double qRe = get(c.q(), 2 * mode);
    double qIm = get(c.q(), 2 * mode + 1);
    double laterRe = get(dStateOut, state);
    double laterIm = get(dStateOut, state + 1);
    for (int t = shape.length() - 1; t >= 0; t--) {
      double gradient = get(dy, shape.index(b, t, d));
      double aRe = get(c.g(), 2 * mode) * gradient + laterRe;
      double aIm = -get(c.g(), 2 * mode + 1) * gradient + laterIm;
      laterRe = qRe * aRe + qIm * aIm;
      laterIm = qRe * aIm - qIm * aRe;
    }
    set(dStateIn, state, laterRe);
    set(dStateIn, state + 1, laterIm);
  }

  @Override
  public void combine(Coefficients coefficients, List<Slice> slices, Tensor state) {
    CemaShape shape = CemaShape.ofStates(state, coefficients).checkSlices(slices);
    new HostAverages(shape, coefficients, slices, /* conjugated= */ false, state)
        .combine(0, shape.channels());
  }

  @Override
  public void combineGradients(Coefficients coefficients, List<Slice> slices, Tensor gradient) {
    CemaShape shape = CemaShape.ofStates(gradient, coefficients).checkSlices(slices);
    new HostAverages(shape, coefficients, slices.reversed(), /* conjugated= */ true, gradient)
        .combine(0, shape.channels());
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
