package dev.megalodon.kernels.benchmark;

import dev.megalodon.kernels.AdamW;
import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import dev.megalodon.kernels.cpu.CpuDevice;
import java.util.Optional;
import java.util.Random;

/**
 * Nanoseconds per element of the cpu's operations with one and two threads. Arguments: B L D N
 * groups heads, default those of a model with a million parameters.
 */
public final class KernelBenchmark {
  private static final double EPSILON = 1e-5;
  private static final int VOCABULARY = 256;

  private final CpuDevice one = new CpuDevice(1);
  private final CpuDevice two = new CpuDevice(2);
  private final Random random = new Random(1);
  private final int batch;
  private final int length;
  private final int width;
  private final int modes;
  private final int groups;
  private final int heads;

  private KernelBenchmark(int[] sizes) {
    batch = sizes[0];
    length = sizes[1];
    width = sizes[2];
    modes = sizes[3];
    groups = sizes[4];
    heads = sizes[5];
  }

  /** Prints one line per operation. */
  public static void main(String[] args) {
    int[] sizes = {4, 512, 128, 16, 32, 2};
    for (int i = 0; i < args.length; i++) {
      sizes[i] = Integer.parseInt(args[i]);
    }
    System.out.printf("%-26s %10s %10s %8s%n", "ns/element", "1 thread", "2 threads", "ratio");
    new KernelBenchmark(sizes).run();
  }

  private interface Operation {
    void run(CpuDevice device);
  }

  private void measure(String name, long elements, Operation operation) {
    double first = Stopwatch.bestNanos(() -> operation.run(one)) / elements;
    double second = Stopwatch.bestNanos(() -> operation.run(two)) / elements;
    System.out.printf("%-26s %10.3f %10.3f %8.2f%n", name, first, second, first / second);
  }

  private Tensor tensor(long... dims) {
    Tensor tensor = one.allocate(ElementType.FLOAT32, dims);
    float[] values = new float[Math.toIntExact(tensor.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    one.transfer().write(values, tensor);
    return tensor;
  }

  private void run() {
    pointwise();
    norms();
    timestepNorm();
    cema();
    attention();
    tokens();
    optimizer();
  }

  private void pointwise() {
    Tensor a = tensor(batch, length, width);
    Tensor b = tensor(batch, length, width);
    Tensor c = tensor(batch, length, width);
    Tensor d = tensor(batch, length, width);
    Tensor e = tensor(batch, length, width);
    Tensor row = tensor(width);
    measure("add", a.size(), device -> device.pointwise().add(a, b, c));
    measure("addBias", a.size(), device -> device.pointwise().addBias(c, row));
    measure("biasGradient", a.size(), device -> device.pointwise().biasGradient(a, row));
    measure("silu", a.size(), device -> device.pointwise().silu(a, c));
    measure("siluBackward", a.size(), device -> device.pointwise().siluBackward(a, b, c));
    measure("multiplyBackward", a.size(), x -> x.pointwise().multiplyBackward(a, b, c, d, e));
    measure("swiglu", a.size(), device -> device.pointwise().swiglu(a, b, c));
    measure("swigluBackward", a.size(), x -> x.pointwise().swigluBackward(a, b, c, d, e));
    measure("sumOfSquares", a.size(), device -> device.pointwise().sumOfSquares(a));
  }

  private void norms() {
    Tensor x = tensor(batch, length, width);
    Tensor dy = tensor(batch, length, width);
    Tensor y = tensor(batch, length, width);
    Tensor dx = tensor(batch, length, width);
    Tensor weight = tensor(width);
    Tensor dWeight = tensor(width);
    Tensor dBias = tensor(width);
    Tensor mean = tensor(x.rows());
    Tensor deviation = tensor(x.rows());
    Tensor perHead = tensor(batch, length, heads);
    Tensor gamma = tensor(2, width);
    Tensor dGamma = tensor(2, width);
    Tensor dBeta = tensor(2, width);
    Optional<Tensor> w = Optional.of(weight);
    measure("rmsNorm", x.size(), d -> d.rmsNorm().forward(x, w, EPSILON, y, mean));
    measure(
        "rmsNorm backward",
        x.size(),
        d -> d.rmsNorm().backward(dy, x, w, mean, dx, Optional.of(dWeight)));
    measure(
        "layerNorm",
        x.size(),
        d -> d.layerNorm().forward(x, weight, dBias, EPSILON, y, mean, deviation));
    measure(
        "layerNorm backward",
        x.size(),
        d -> d.layerNorm().backward(dy, x, weight, mean, deviation, dx, dWeight, dBias));
    measure(
        "queryKey",
        x.size(),
        d -> d.queryKey().forward(x, gamma, dBeta, heads, EPSILON, y, dx, perHead));
    measure(
        "queryKey backward",
        x.size(),
        d -> d.queryKey().backward(dy, y, x, gamma, heads, perHead, dx, dGamma, dBeta));
    measure("rope", x.size(), d -> d.rope().rotate(y, heads, 0, 128, 10000, false));
  }

  private void timestepNorm() {
    Tensor x = tensor(batch, length, width);
    Tensor y = tensor(batch, length, width);
    Tensor dx = tensor(batch, length, width);
    Tensor weight = tensor(width);
    Tensor bias = tensor(width);
    Tensor dWeight = tensor(width);
    Tensor dBias = tensor(width);
    TimestepNorm.State in = TimestepNorm.State.allocate(one, batch, groups);
    TimestepNorm.State out = TimestepNorm.State.allocate(one, batch, groups);
    TimestepNorm.Saved saved = TimestepNorm.Saved.allocate(one, batch, length, groups);
    TimestepNorm.StateGradient gradientOut =
        TimestepNorm.StateGradient.allocate(one, batch, groups);
    TimestepNorm.StateGradient gradientIn = TimestepNorm.StateGradient.allocate(one, batch, groups);
    measure(
        "timestepNorm",
        x.size(),
        d ->
            d.timestepNorm()
                .forward(x, weight, bias, Optional.empty(), in, EPSILON, y, saved, out));
    measure(
        "timestepNorm backward",
        x.size(),
        d ->
            d.timestepNorm()
                .backward(
                    y,
                    x,
                    weight,
                    Optional.empty(),
                    in,
                    saved,
                    gradientOut,
                    dx,
                    dWeight,
                    dBias,
                    gradientIn));
  }

  private void cema() {
    Tensor x = tensor(batch, length, width);
    Tensor y = tensor(batch, length, width);
    Tensor dx = tensor(batch, length, width);
    Cema.Parameters parameters = parameters();
    Cema.Parameters gradients = parameters();
    Cema.Saved saved = Cema.Saved.allocate(one, one, batch, length, width, modes);
    Tensor in = one.allocate(ElementType.FLOAT32, batch, width, modes, 2);
    Tensor out = one.allocate(ElementType.FLOAT32, batch, width, modes, 2);
    measure(
        "cema coefficients",
        (long) width * modes,
        d -> d.cema().coefficients(parameters, saved.coefficients()));
    measure("cema", x.size(), d -> d.cema().forward(x, parameters, in, y, saved, out));
    measure(
        "cema backward",
        x.size(),
        d -> d.cema().backward(y, x, parameters, saved, out, dx, gradients, in));
  }

  private Cema.Parameters parameters() {
    return new Cema.Parameters(
        tensor(width, modes, 1),
        tensor(width, modes, 1),
        tensor(width, 1, 1),
        tensor(width, modes, 2),
        tensor(width, 1));
  }

  private void attention() {
    Matrix scores = Matrix.of(tensor(512, 512));
    Matrix gradients = Matrix.of(tensor(512, 512));
    measure("causalSoftmax", 512 * 512, d -> d.causalSoftmax().forward(scores, 0));
    measure(
        "causalSoftmax backward", 512 * 512, d -> d.causalSoftmax().backward(scores, gradients, 0));
  }

  private void tokens() {
    Tensor tokens = one.allocate(ElementType.INT32, batch, length);
    one.transfer().write(random.ints((long) batch * length, 0, VOCABULARY).toArray(), tokens);
    Tensor table = tensor(VOCABULARY, width);
    Tensor rows = tensor(batch, length, width);
    Tensor logits = tensor(batch, length, VOCABULARY);
    Tensor dLogits = tensor(batch, length, VOCABULARY);
    Tensor loss = one.allocate(ElementType.FLOAT64, batch, length);
    measure("embedding", rows.size(), d -> d.embedding().forward(tokens, table, 1, rows));
    measure("embedding backward", rows.size(), d -> d.embedding().backward(tokens, rows, 1, table));
    measure("crossEntropy", logits.size(), d -> d.crossEntropy().forward(logits, tokens, 0, loss));
    measure(
        "crossEntropy backward",
        logits.size(),
        d -> d.crossEntropy().backward(logits, tokens, 0, 1, dLogits));
  }

  private void optimizer() {
    int size = 1 << 20;
    Tensor p = tensor(size);
    Tensor g = tensor(size);
    Tensor m = one.allocate(ElementType.FLOAT32, size);
    Tensor s = one.allocate(ElementType.FLOAT32, size);
    AdamW.Settings settings = new AdamW.Settings(1e-3, 0.9, 0.98, 1e-8, 0.1, 3, 1);
    measure("adamW", size, d -> d.adamW().update(p, g, m, s, settings));
  }
}
