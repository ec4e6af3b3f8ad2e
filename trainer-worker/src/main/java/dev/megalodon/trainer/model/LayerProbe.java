package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import dev.megalodon.kernels.host.HostAllocator;
import dev.megalodon.trainer.parallel.Ticker;
import dev.megalodon.trainer.parallel.cost.LayerTimes;
import dev.megalodon.trainer.parallel.cost.SummaryBytes;
import java.util.Optional;

/**
 * Measures those parts of a layer on which it depends how slices should exchange their states, on
 * this machine and for slices of one shape. Takes about as long as a few layers' forward and
 * backward passes; its memory is freed at the end.
 */
public final class LayerProbe {
  private static final int ROUNDS = 3;

  private final Device device;
  private final ModelConfig config;
  private final MegaWeights weights;
  private final MegaWeights gradients;
  private final long batch;
  private final long length;
  private final Ticker ticker;

  /**
   * A probe of the first layer.
   *
   * @param gradients receives numbers of no meaning
   * @param batch sequences of a micro-batch
   * @param length tokens of a slice
   * @param ticker measures time
   */
  public LayerProbe(
      Device device,
      ModelConfig config,
      ModelWeights weights,
      ModelWeights gradients,
      long batch,
      long length,
      Ticker ticker) {
    this.device = device;
    this.config = config;
    this.weights = weights.blocks().getFirst().mega();
    this.gradients = gradients.blocks().getFirst().mega();
    this.batch = batch;
    this.length = length;
    this.ticker = ticker;
  }

  /** What one rank has to say per layer and direction. */
  public SummaryBytes summaries() {
    long norm = 3 * batch * config.normGroups() * Double.BYTES;
    long average = 2 * batch * config.modelDim() * config.cemaDim();
    return new SummaryBytes(norm, average * device.accumulationType().bytes());
  }

  /** The shortest of a few measurements of each part. */
  public LayerTimes measure() {
    try (HostAllocator memory = new HostAllocator()) {
      return measure(new Workplace(device, memory, config, batch, length));
    }
  }

  /** Tensors to compute on; all zero, which takes as long as any other numbers. */
  private record Workplace(
      MegaActivations act,
      BackwardScratch scratch,
      BlockState state,
      BlockStateGradient gradient,
      TimestepNorm.MomentGradient moments) {
    Workplace(Device device, HostAllocator memory, ModelConfig config, long batch, long length) {
      this(
          MegaActivations.allocate(new Shapes(device, memory, config, batch, length)),
          BackwardScratch.allocate(device, memory, config, batch, length),
          BlockState.fresh(device, memory, config, batch),
          BlockStateGradient.zero(device, memory, config, batch),
          StateMessages.sums(
              memory.allocate(ElementType.FLOAT64, 3 * batch * config.normGroups()),
              batch,
              config.normGroups()));
    }

    /** (B, L, D): what goes into the layer. */
    Tensor x() {
      return act.output();
    }

    /** (B, L, D): the gradient of what comes out of norm or average. */
    Tensor dy() {
      return scratch.mixed();
    }
  }

  private LayerTimes measure(Workplace at) {
    TimestepNorm norm = device.timestepNorm();
    Cema cema = device.cema();
    LinearLayer linear = new LinearLayer(device);
    MegaActivations act = at.act();
    Tensor dv = at.scratch().values();
    Cema.Coefficients coefficients = act.cema().coefficients();
    long normForward = nanos(() -> normForward(at));
    long averageForward = nanos(() -> averageForward(at));
    return new LayerTimes(
        normForward,
        nanos(() -> normBackward(at)),
        averageForward,
        nanos(() -> averageBackward(at)),
        nanos(() -> norm.advance(at.x(), Optional.empty(), at.state().timestepNorm(), state(at)))
            + nanos(
                () ->
                    cema.advance(
                        act.normalized(), coefficients, at.state().cema(), at.state().cema())),
        nanos(() -> normSummaryBackward(at))
            + nanos(
                () ->
                    cema.retreat(
                        at.dy(), coefficients, at.gradient().cema(), at.gradient().cema())),
        nanos(
            () -> {
              linear.forward(act.normalized(), weights.value(), act.valueInput());
              device.pointwise().silu(act.valueInput(), act.values());
            }),
        nanos(
            () -> {
              linear.inputGradient(dv, weights.value(), act.averaged());
              linear.parameterGradient(dv, act.normalized(), gradients.value());
            }),
        nanos(() -> linear.parameterGradient(at.scratch().gate(), act.mixed(), gradients.gate())));
  }

  private static TimestepNorm.State state(Workplace at) {
    return at.state().timestepNorm();
  }

  private void normForward(Workplace at) {
    device
        .timestepNorm()
        .forward(
            at.x(),
            weights.timestepNormWeight(),
            weights.timestepNormBias(),
            Optional.empty(),
            state(at),
            config.normEpsilon(),
            at.act().normalized(),
            at.act().timestepNorm(),
            state(at));
  }

  private void normBackward(Workplace at) {
    device
        .timestepNorm()
        .backward(
            at.dy(),
            at.x(),
            weights.timestepNormWeight(),
            Optional.empty(),
            state(at),
            at.act().timestepNorm(),
            at.gradient().timestepNorm(),
            at.dy(),
            gradients.timestepNormWeight(),
            gradients.timestepNormBias(),
            at.gradient().timestepNorm());
  }

  private void normSummaryBackward(Workplace at) {
    device
        .timestepNorm()
        .momentGradient(
            at.dy(),
            at.x(),
            weights.timestepNormWeight(),
            Optional.empty(),
            state(at),
            at.act().timestepNorm(),
            at.gradient().timestepNorm(),
            at.moments());
  }

  private void averageForward(Workplace at) {
    device
        .cema()
        .forward(
            at.act().normalized(),
            weights.cema(),
            at.state().cema(),
            at.act().averaged(),
            at.act().cema(),
            at.state().cema());
  }

  private void averageBackward(Workplace at) {
    device
        .cema()
        .backward(
            at.dy(),
            at.act().normalized(),
            weights.cema(),
            at.act().cema(),
            at.gradient().cema(),
            at.dy(),
            gradients.cema(),
            at.gradient().cema());
  }

  private long nanos(Runnable work) {
    long best = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long before = ticker.nanos();
      work.run();
      best = Math.min(best, ticker.nanos() - before);
    }
    return best;
  }
}
