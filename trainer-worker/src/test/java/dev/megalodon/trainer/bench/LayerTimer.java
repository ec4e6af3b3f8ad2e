package dev.megalodon.trainer.bench;

import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.parallel.cost.LayerTimes;
import java.util.Arrays;
import java.util.Optional;

/**
 * Times what carries a layer's state, on zeros. What covers gathers is left out, so a forecast from
 * these times takes all-gather for slower than it is.
 */
final class LayerTimer {
  private static final int ROUNDS = 15;

  private final Device device;
  private final ModelConfig config;
  private final long batch;
  private final long length;
  private final Tensor x; // (B, L, D)
  private final Tensor y; // (B, L, D)
  private final Tensor vector; // (D)
  private final Tensor otherVector; // (D)
  private final Tensor state; // (B, D, N, 2)
  private final Tensor otherState; // (B, D, N, 2)

  private LayerTimer(Device device, ModelConfig config, long batch, long length) {
    this.device = device;
    this.config = config;
    this.batch = batch;
    this.length = length;
    long width = config.modelDim();
    this.x = device.allocate(device.elementType(), batch, length, width);
    this.y = device.allocate(device.elementType(), batch, length, width);
    this.vector = device.allocate(device.elementType(), width);
    this.otherVector = device.allocate(device.elementType(), width);
    this.state = device.allocate(device.accumulationType(), batch, width, config.cemaDim(), 2);
    this.otherState = device.allocate(device.accumulationType(), batch, width, config.cemaDim(), 2);
  }

  /** What one layer takes on one slice, the median of a few calls. */
  static LayerTimes measure(Device device, ModelConfig config, long batch, long length) {
    LayerTimer timer = new LayerTimer(device, config, batch, length);
    long[] norm = timer.norm();
    long[] average = timer.average();
    return new LayerTimes(
        norm[0],
        norm[1],
        average[0],
        average[1],
        norm[2] + average[2],
        norm[3] + average[3],
        0,
        0,
        0);
  }

  /** Forward, backward, and the summary of either. */
  private long[] norm() {
    TimestepNorm norm = device.timestepNorm();
    long groups = config.normGroups();
    TimestepNorm.State in = TimestepNorm.State.allocate(device, batch, groups);
    TimestepNorm.State out = TimestepNorm.State.allocate(device, batch, groups);
    TimestepNorm.Saved saved = TimestepNorm.Saved.allocate(device, batch, length, groups);
    TimestepNorm.StateGradient after = TimestepNorm.StateGradient.allocate(device, batch, groups);
    TimestepNorm.StateGradient before = TimestepNorm.StateGradient.allocate(device, batch, groups);
    TimestepNorm.MomentGradient sums =
        new TimestepNorm.MomentGradient(
            device.allocate(ElementType.FLOAT64, batch, groups),
            device.allocate(ElementType.FLOAT64, batch, groups),
            device.allocate(ElementType.FLOAT64, batch, groups));
    Optional<Tensor> noPadding = Optional.empty();
    return new long[] {
      median(
          () ->
              norm.forward(x, vector, vector, noPadding, in, config.normEpsilon(), y, saved, out)),
      median(
          () ->
              norm.backward(
                  y, x, vector, noPadding, in, saved, after, y, otherVector, otherVector, before)),
      median(() -> norm.advance(x, noPadding, in, out)),
      median(() -> norm.momentGradient(y, x, vector, noPadding, in, saved, after, sums))
    };
  }

  /** Forward, backward, and the summary of either. */
  private long[] average() {
    Cema cema = device.cema();
    Cema.Parameters weights = parameters();
    Cema.Parameters gradients = parameters();
    Cema.Saved saved =
        Cema.Saved.allocate(device, device, batch, length, config.modelDim(), config.cemaDim());
    return new long[] {
      median(() -> cema.forward(x, weights, state, y, saved, otherState)),
      median(() -> cema.backward(y, x, weights, saved, state, y, gradients, otherState)),
      median(() -> cema.advance(x, saved.coefficients(), state, otherState)),
      median(() -> cema.retreat(y, saved.coefficients(), state, otherState))
    };
  }

  private Cema.Parameters parameters() {
    long d = config.modelDim();
    long n = config.cemaDim();
    ElementType type = device.elementType();
    return new Cema.Parameters(
        device.allocate(type, d, n, 1),
        device.allocate(type, d, n, 1),
        device.allocate(type, d, 1, 1),
        device.allocate(type, d, n, 2),
        device.allocate(type, d, 1));
  }

  private static long median(Runnable work) {
    long[] nanos = new long[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      work.run();
      nanos[round] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return nanos[ROUNDS / 2];
  }
}
