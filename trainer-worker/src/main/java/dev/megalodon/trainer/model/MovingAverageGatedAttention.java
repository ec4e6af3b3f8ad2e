package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.StateExchange.Arrival;
import dev.megalodon.trainer.model.StateExchange.NormPass;
import java.util.Optional;

/**
 * Moving-average gated attention (arXiv 2404.08801, sections 3.1 to 3.4): timestep norm, CEMA,
 * normalized attention in chunks, and a gated output.
 *
 * <pre>
 * t = TimestepNorm(x)         c = CEMA(t)            m = RMSNorm(c)
 * u = m·Wzᵀ + bz              q, k = RoPE(scale and shift of u normalized per head)
 * v = silu(t·Wvᵀ + bv)        r = silu(m·Wrᵀ + br)   a = ChunkAttention(q, k, v)
 * y = x + m·Wh1ᵀ + bh1 + (a ⊙ r)·Wh2ᵀ
 * </pre>
 */
final class MovingAverageGatedAttention {
  private final Device device;
  private final ModelConfig config;
  private final LinearLayer linear;
  private final ChunkAttention attention;

  MovingAverageGatedAttention(Device device, Allocator allocator, ModelConfig config) {
    this.device = device;
    this.config = config;
    this.linear = new LinearLayer(device);
    this.attention = new ChunkAttention(device, allocator, config);
  }

  /**
   * Writes {@code act}, its output included, and the state after the piece.
   *
   * @param x (B, L, D)
   * @param in state before the piece
   * @param openChunk the chunk that the piece continues without passing its end; absent: the piece
   *     begins at a chunk's border
   * @param exchange completes {@code in}; that of CEMA travels while v is computed
   * @param out state after the piece; may be {@code in} if there will be no backward
   */
  void forward(
      MegaWeights weights,
      Tensor x,
      BlockState in,
      Optional<OpenChunk> openChunk,
      StateExchange exchange,
      MegaActivations act,
      BlockState out) {
    normalize(weights, x, in, exchange, act, out);
    Arrival state =
        exchange.beginAverage(
            act.normalized(), weights.cema(), act.cema().coefficients(), in.cema());
    linear.forward(act.normalized(), weights.value(), act.valueInput()); // (B, L, E)
    device.pointwise().silu(act.valueInput(), act.values());
    state.await();
    average(weights, in, exchange, act, out);
    attend(weights, openChunk, act);
    linear.forward(act.mixed(), weights.gate(), act.gateInput()); // (B, L, E)
    device.pointwise().swiglu(act.gateInput(), act.attention(), act.gated()); // (B, L, E)
    device.pointwise().copy(x, act.output());
    linear.accumulate(act.mixed(), weights.hidden1(), act.output()); // (B, L, D)
    linear.accumulate(act.gated(), weights.hidden2(), act.output()); // (B, L, D)
  }

  /** t. */
  private void normalize(
      MegaWeights weights,
      Tensor x,
      BlockState in,
      StateExchange exchange,
      MegaActivations act,
      BlockState out) {
    exchange.bringNorm(x, in.timestepNorm());
    device
        .timestepNorm()
        .forward(
            x,
            weights.timestepNormWeight(),
            weights.timestepNormBias(),
            Optional.empty(),
            in.timestepNorm(),
            config.normEpsilon(),
            act.normalized(),
            act.timestepNorm(),
            out.timestepNorm()); // (B, L, D)
    exchange.passNorm(out.timestepNorm());
  }

  /** c and m. */
  private void average(
      MegaWeights weights,
      BlockState in,
      StateExchange exchange,
      MegaActivations act,
      BlockState out) {
    device
        .cema()
        .forward(
            act.normalized(), weights.cema(), in.cema(), act.averaged(), act.cema(), out.cema());
    exchange.passAverage(out.cema());
    device
        .rmsNorm()
        .forward(
            act.averaged(),
            Optional.of(weights.rmsNormWeight()),
            config.normEpsilon(),
            act.mixed(),
            act.inverseRms()); // (B, L, D)
  }

  /** q, k and a. */
  private void attend(MegaWeights weights, Optional<OpenChunk> openChunk, MegaActivations act) {
    linear.forward(act.mixed(), weights.shared(), act.shared()); // (B, L, Z)
    device
        .queryKey()
        .forward(
            act.shared(),
            weights.gamma(),
            weights.beta(),
            config.heads(),
            config.normEpsilon(),
            act.queries(),
            act.keys(),
            act.sharedInverseRms()); // (B, L, Z)
    long start = openChunk.map(OpenChunk::length).orElse(0L);
    rotate(act.queries(), start, false);
    rotate(act.keys(), start, false);
    if (openChunk.isEmpty()) {
      attention.forward(act.queries(), act.keys(), act.values(), act.attention()); // (B, L, E)
    } else {
      OpenChunk chunk = openChunk.get();
      chunk.append(device.pointwise(), act.keys(), act.values());
      attention.forward(act.queries(), chunk, act.attention());
      chunk.closeIfFull();
    }
  }

  private void rotate(Tensor x, long start, boolean inverse) {
    device.rope().rotate(x, config.heads(), start, config.chunkSize(), config.ropeBase(), inverse);
  }

  /**
   * Adds to {@code gradients}, writes the gradient of the state before the piece, and leaves in
   * {@code scratch.mixed()} the gradient of x by way of timestep norm; by way of the residual it is
   * dy itself. Overwrites {@code act.averaged()}.
   *
   * <p>The gradient of CEMA's state travels while dWv and the part of dt by way of v are computed,
   * that of timestep norm's while dWr is.
   *
   * @param x (B, L, D), as forward saw it
   * @param in the state before the piece, as forward saw it
   * @param dy (B, L, D): of the output
   * @param exchange completes {@code dStateOut}
   * @param dStateOut of the state after the piece
   * @param dStateIn overwritten
   */
  void backward(
      MegaWeights weights,
      Tensor x,
      BlockState in,
      StateExchange exchange,
      MegaActivations act,
      Tensor dy,
      BlockStateGradient dStateOut,
      MegaWeights gradients,
      BackwardScratch scratch,
      BlockStateGradient dStateIn) {
    gateBackward(weights, act, dy, gradients, scratch);
    attendBackward(weights, act, gradients, scratch);
    averageBackward(weights, exchange, act, dStateOut, gradients, scratch, dStateIn);
    normalizeBackward(weights, x, in, exchange, act, dStateOut, gradients, scratch, dStateIn);
  }

  /** From dy to dm (but for the part of queries and keys), da and dr before its silu. */
  private void gateBackward(
      MegaWeights weights,
      MegaActivations act,
      Tensor dy,
      MegaWeights gradients,
      BackwardScratch scratch) {
    Tensor dMixed = scratch.mixed();
    linear.parameterGradient(dy, act.gated(), gradients.hidden2());
    linear.inputGradient(dy, weights.hidden2(), scratch.gated()); // (B, L, E)
    linear.parameterGradient(dy, act.mixed(), gradients.hidden1());
    linear.inputGradient(dy, weights.hidden1(), dMixed); // (B, L, D)
    device
        .pointwise()
        .swigluBackward(
            scratch.gated(), act.gateInput(), act.attention(), scratch.gate(), scratch.attention());
    linear.accumulateInputGradient(scratch.gate(), weights.gate(), dMixed);
  }

  /** From da to dv before its silu, and the rest of dm. */
  private void attendBackward(
      MegaWeights weights, MegaActivations act, MegaWeights gradients, BackwardScratch scratch) {
    Tensor dq = scratch.queries();
    Tensor dk = scratch.keys();
    Tensor dv = scratch.values();
    attention.backward(scratch.attention(), act.queries(), act.keys(), act.values(), dq, dk, dv);
    rotate(dq, 0, true);
    rotate(dk, 0, true);
    Tensor du = dq;
    device
        .queryKey()
        .backward(
            dq,
            dk,
            act.shared(),
            weights.gamma(),
            config.heads(),
            act.sharedInverseRms(),
            du,
            gradients.gamma(),
            gradients.beta()); // (B, L, Z)
    linear.parameterGradient(du, act.mixed(), gradients.shared());
    linear.accumulateInputGradient(du, weights.shared(), scratch.mixed()); // (B, L, D)
    device.pointwise().siluBackward(dv, act.valueInput(), dv); // (B, L, E)
  }

  /** From dm to dc and dt, in the same memory. */
  private void averageBackward(
      MegaWeights weights,
      StateExchange exchange,
      MegaActivations act,
      BlockStateGradient dStateOut,
      MegaWeights gradients,
      BackwardScratch scratch,
      BlockStateGradient dStateIn) {
    Tensor gradient = scratch.mixed(); // (B, L, D)
    device
        .rmsNorm()
        .backward(
            gradient,
            act.averaged(),
            Optional.of(weights.rmsNormWeight()),
            act.inverseRms(),
            gradient,
            Optional.of(gradients.rmsNormWeight()));
    Arrival dState =
        exchange.beginAverageGradient(gradient, act.cema().coefficients(), dStateOut.cema());
    Tensor byValues = act.averaged(); // (B, L, D); nobody needs c any more
    linear.inputGradient(scratch.values(), weights.value(), byValues);
    linear.parameterGradient(scratch.values(), act.normalized(), gradients.value());
    dState.await();
    device
        .cema()
        .backward(
            gradient,
            act.normalized(),
            weights.cema(),
            act.cema(),
            dStateOut.cema(),
            gradient,
            gradients.cema(),
            dStateIn.cema());
    exchange.passAverageGradient(dStateIn.cema());
    device.pointwise().add(gradient, byValues, gradient);
  }

  /** From dt to dx, in the same memory. */
  private void normalizeBackward(
      MegaWeights weights,
      Tensor x,
      BlockState in,
      StateExchange exchange,
      MegaActivations act,
      BlockStateGradient dStateOut,
      MegaWeights gradients,
      BackwardScratch scratch,
      BlockStateGradient dStateIn) {
    Tensor gradient = scratch.mixed(); // (B, L, D)
    Tensor weight = weights.timestepNormWeight();
    Arrival dState =
        exchange.beginNormGradient(
            new NormPass(gradient, x, weight, in.timestepNorm(), act.timestepNorm()),
            dStateOut.timestepNorm());
    linear.parameterGradient(scratch.gate(), act.mixed(), gradients.gate());
    dState.await();
    device
        .timestepNorm()
        .backward(
            gradient,
            x,
            weight,
            Optional.empty(),
            in.timestepNorm(),
            act.timestepNorm(),
            dStateOut.timestepNorm(),
            gradient,
            gradients.timestepNormWeight(),
            gradients.timestepNormBias(),
            dStateIn.timestepNorm());
    exchange.passNormGradient(dStateIn.timestepNorm());
  }
}
