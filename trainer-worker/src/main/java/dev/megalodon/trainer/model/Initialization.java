package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.util.function.LongToDoubleFunction;

/**
 * Starts parameters as the reference implementation does (same distributions, not the same
 * numbers). A number depends on the seed, the parameter's name and its place in it, on nothing
 * else: neither the order of parameters nor the world size.
 */
public final class Initialization {
  private static final int SLICE = 1 << 20;

  private final Device device;
  private final long seed;

  private Initialization(Device device, long seed) {
    this.device = device;
    this.seed = seed;
  }

  /** Writes every parameter. */
  public static void initialize(
      Device device, ModelConfig config, long seed, FlatTensors parameters) {
    Initialization initialization = new Initialization(device, seed);
    for (ParameterSpec spec : ParameterCatalog.of(config)) {
      initialization.write(spec, 0, parameters.tensor(spec.name()));
    }
  }

  /**
   * Writes a part of a parameter.
   *
   * @param from elements of the parameter before {@code target}
   */
  public static void initialize(
      Device device, ModelConfig config, long seed, String name, long from, Tensor target) {
    ParameterSpec spec =
        ParameterCatalog.of(config).stream()
            .filter(candidate -> candidate.name().equals(name))
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException("the model has no parameter '" + name + "'"));
    new Initialization(device, seed).write(spec, from, target);
  }

  private void write(ParameterSpec spec, long offset, Tensor target) {
    RandomStream random = RandomStream.named(seed, spec.name());
    LongToDoubleFunction values =
        switch (spec.initial()) {
          case InitialValues.Constant constant -> i -> constant.value();
          case InitialValues.Normal normal -> i -> normal.deviation() * random.gaussian(i);
          case InitialValues.TruncatedNormal truncated -> i -> truncated(random, truncated, i);
          case InitialValues.RealNormal complex ->
              i -> i % 2 == 0 ? complex.deviation() * random.gaussian(i / 2) : 0;
          case InitialValues.Frequencies unused -> frequencies(random, (int) spec.elements());
        };
    write(values, offset, target);
  }

  private void write(LongToDoubleFunction values, long offset, Tensor target) {
    long size = target.size();
    for (long from = 0; from < size; from += SLICE) {
      double[] slice = new double[(int) Math.min(SLICE, size - from)];
      for (int i = 0; i < slice.length; i++) {
        slice[i] = values.applyAsDouble(offset + from + i);
      }
      device.transfer().write(slice, target.view(from, slice.length));
    }
  }

  private static double truncated(
      RandomStream random, InitialValues.TruncatedNormal distribution, long i) {
    RandomStream attempt = random;
    double value = distribution.deviation() * attempt.gaussian(i);
    while (Math.abs(value) > distribution.bound()) {
      attempt = attempt.next();
      value = distribution.deviation() * attempt.gaussian(i);
    }
    return value;
  }

  /** logit(f) with f = D^(−j/D), j = 1..D in random order. */
  private static LongToDoubleFunction frequencies(RandomStream random, int channels) {
    double[] theta = new double[channels];
    for (int j = 1; j <= channels; j++) {
      double f = StrictMath.exp(-j * StrictMath.log(channels) / channels);
      theta[j - 1] = StrictMath.log(f / (1 - f));
    }
    for (int i = channels - 1; i > 0; i--) {
      int other = (int) (random.uniform(i) * (i + 1));
      double swapped = theta[i];
      theta[i] = theta[other];
      theta[other] = swapped;
    }
    return i -> theta[(int) i];
  }
}
