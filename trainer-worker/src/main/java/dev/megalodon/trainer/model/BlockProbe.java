package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One block by itself, for comparison with another implementation: everything that goes into it and
 * comes out of it by name. Write the inputs, then run forward and backward.
 */
public final class BlockProbe {
  private final MegalodonBlock block;
  private final BlockWeights weights;
  private final BlockWeights gradients;
  private final Tensor x; // (B, L, D)
  private final BlockState in;
  private final BlockState out;
  private final BlockStateGradient dStateOut;
  private final BlockStateGradient dStateIn;
  private final BlockActivations act;
  private final BackwardScratch scratch;

  /**
   * A block of the model that the parameters are of.
   *
   * @param parameters of the whole model
   * @param gradients what {@link #backward} adds to
   * @param layer which block
   * @param batch B
   * @param length L
   */
  public BlockProbe(
      Device device,
      ModelConfig config,
      FlatTensors parameters,
      FlatTensors gradients,
      int layer,
      long batch,
      long length) {
    this.block = new MegalodonBlock(device, device, config);
    this.weights = BlockWeights.of(config, parameters, layer);
    this.gradients = BlockWeights.of(config, gradients, layer);
    this.x = device.allocate(device.elementType(), batch, length, config.modelDim());
    this.in = BlockState.fresh(device, device, config, batch);
    this.out = BlockState.fresh(device, device, config, batch);
    this.dStateOut = BlockStateGradient.zero(device, device, config, batch);
    this.dStateIn = BlockStateGradient.zero(device, device, config, batch);
    this.act = BlockActivations.allocate(new Shapes(device, device, config, batch, length));
    this.scratch = BackwardScratch.allocate(device, device, config, batch, length);
  }

  /** (B, L, D): the block's input, to be written before {@link #forward}. */
  public Tensor input() {
    return x;
  }

  /** The state before the piece, fresh unless written: count, mean, var and h. */
  public Map<String, Tensor> stateBefore() {
    return named(in);
  }

  /** Computes the output. */
  public void forward() {
    block.forward(weights, x, in, Optional.empty(), new LocalStates(), act, out);
  }

  /** What forward computed: tsn, cema, mx, mega_out and out, (B, L, D) each. */
  public Map<String, Tensor> values() {
    Map<String, Tensor> values = new LinkedHashMap<>();
    values.put("tsn", act.mega().normalized());
    values.put("cema", act.mega().averaged());
    values.put("mx", act.mega().mixed());
    values.put("mega_out", act.mega().output());
    values.put("out", act.output());
    return values;
  }

  /** The state after the piece: count, mean, var and h. */
  public Map<String, Tensor> stateAfter() {
    return named(out);
  }

  /** (B, L, D): the output's gradient before {@link #backward}, the input's after it. */
  public Tensor gradient() {
    return scratch.stream();
  }

  /** Gradient of the state after the piece, zero unless written: mean, var and h. */
  public Map<String, Tensor> stateAfterGradient() {
    return named(dStateOut);
  }

  /** Gradient of the state before the piece, after {@link #backward}: mean, var and h. */
  public Map<String, Tensor> stateBeforeGradient() {
    return named(dStateIn);
  }

  /** Computes all gradients; follows {@link #forward}. */
  public void backward() {
    block.backward(weights, x, in, new LocalStates(), act, dStateOut, gradients, scratch, dStateIn);
  }

  private static Map<String, Tensor> named(BlockState state) {
    return Map.of(
        "count", state.timestepNorm().count(),
        "mean", state.timestepNorm().mean(),
        "var", state.timestepNorm().variance(),
        "h", state.cema());
  }

  private static Map<String, Tensor> named(BlockStateGradient gradient) {
    return Map.of(
        "mean", gradient.timestepNorm().mean(),
        "var", gradient.timestepNorm().variance(),
        "h", gradient.cema());
  }
}
