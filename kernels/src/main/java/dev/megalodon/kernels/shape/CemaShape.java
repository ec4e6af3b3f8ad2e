package dev.megalodon.kernels.shape;

import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Tensor;
import java.util.List;

/**
 * Dimensions of a complex moving average.
 *
 * @param batch B
 * @param length L
 * @param channels D
 * @param modes N
 */
public record CemaShape(int batch, int length, int channels, int modes) {
  /** The dimensions of a call, and whether all its tensors have them. */
  public static CemaShape of(Tensor x, Cema.Parameters parameters, Cema.Saved saved) {
    SequenceShape sequence = SequenceShape.of("x", x);
    int modes = modes(parameters);
    CemaShape shape =
        new CemaShape(sequence.batch(), sequence.length(), sequence.channels(), modes);
    Shapes.expect("alpha", parameters.alpha(), (long) shape.channels * modes);
    checkCoefficients(shape.channels, modes, saved.coefficients());
    Shapes.expect(
        "saved states", saved.states(), (long) shape.batch * shape.intervals() * shape.stateSize());
    return shape;
  }

  /** The dimensions of a call that needs coefficients only. */
  public static CemaShape of(Tensor x, Cema.Coefficients coefficients) {
    SequenceShape sequence = SequenceShape.of("x", x);
    return of(sequence.batch(), sequence.length(), sequence.channels(), coefficients);
  }

  /** The dimensions of a call that needs states only, of {@code length} 0. */
  public static CemaShape ofStates(Tensor state, Cema.Coefficients coefficients) {
    int channels = Math.toIntExact(coefficients.p().dim(0));
    long size = Math.max(1, coefficients.q().size());
    int batch = Math.toIntExact(state.size() / size);
    return of(batch, /* length= */ 0, channels, coefficients).checkState("state", state);
  }

  private static CemaShape of(int batch, int length, int channels, Cema.Coefficients coefficients) {
    int modes = Math.toIntExact(coefficients.p().size() / Math.max(1, channels));
    checkCoefficients(channels, modes, coefficients);
    return new CemaShape(batch, length, channels, modes);
  }

  /** N of a set of parameters, which are checked against each other. */
  public static int modes(Cema.Parameters parameters) {
    int channels = Math.toIntExact(parameters.omega().size());
    int modes = Math.toIntExact(parameters.alpha().size() / Math.max(1, channels));
    Shapes.expect("alpha", parameters.alpha(), (long) channels * modes);
    Shapes.expect("delta", parameters.delta(), (long) channels * modes);
    Shapes.expect("theta", parameters.theta(), channels);
    Shapes.expect("gamma", parameters.gamma(), 2L * channels * modes);
    return modes;
  }

  /** Checks coefficients. */
  public static void checkCoefficients(int channels, int modes, Cema.Coefficients coefficients) {
    Shapes.expect("p", coefficients.p(), (long) channels * modes);
    Shapes.expect("q", coefficients.q(), 2L * channels * modes);
    Shapes.expect("g", coefficients.g(), 2L * channels * modes);
  }

  /** Checks a state or its gradient. */
  public CemaShape checkState(String name, Tensor state) {
    Shapes.expect(name, state, batch * stateSize());
    return this;
  }

  /** Checks slices that are joined. */
  public CemaShape checkSlices(List<Cema.Slice> slices) {
    Shapes.require(!slices.isEmpty(), "no slices to join");
    for (Cema.Slice slice : slices) {
      Shapes.require(slice.length() >= 0, "a slice of %d steps", slice.length());
      checkState("a slice's state", slice.reached());
    }
    return this;
  }

  /** Checks an activation or its gradient. */
  public CemaShape checkSequence(String name, Tensor tensor) {
    Shapes.expect(name, tensor, (long) batch * length * channels);
    return this;
  }

  /** ⌈L / CHECKPOINT_INTERVAL⌉. */
  public int intervals() {
    return Math.ceilDiv(length, Cema.CHECKPOINT_INTERVAL);
  }

  /** D·N·2, elements of the state of one sequence. */
  public long stateSize() {
    return 2L * channels * modes;
  }

  /** Index of the real part of (b, d, n) in a state (B, D, N, 2); the imaginary part follows. */
  public long stateIndex(int b, int d, int n) {
    return 2 * (((long) b * channels + d) * modes + n);
  }

  /** Index of the real part of (b, interval, d, n) in the saved states. */
  public long savedIndex(int b, int interval, int d, int n) {
    return 2 * ((((long) b * intervals() + interval) * channels + d) * modes + n);
  }

  /** Index of (b, t, d) in x. */
  public long index(int b, int t, int d) {
    return ((long) b * length + t) * channels + d;
  }
}
