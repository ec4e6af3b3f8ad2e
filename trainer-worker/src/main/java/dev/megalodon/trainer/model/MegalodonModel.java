package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.StateExchange.Arrival;
import dev.megalodon.trainer.model.StateExchange.NormPass;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The language model: embedding, blocks, a final timestep norm and the projection to logits (arXiv
 * 2404.08801), forward and backward. Holds the memory for attention scores; everything else is
 * handed in.
 */
public final class MegalodonModel {
  private final Device device;
  private final ModelConfig config;
  private final ModelWeights weights;
  private final MegalodonBlock block;
  private final LinearLayer linear;
  private final StateExchange local = new LocalStates();

  /**
   * A model over parameters.
   *
   * @param allocator where the memory for attention scores comes from
   */
  public MegalodonModel(
      Device device, Allocator allocator, ModelConfig config, ModelWeights weights) {
    this.device = device;
    this.config = config;
    this.weights = weights;
    this.block = new MegalodonBlock(device, allocator, config);
    this.linear = new LinearLayer(device);
  }

  /** Dimensions and variants. */
  public ModelConfig config() {
    return config;
  }

  /** Where it computes. */
  public Device device() {
    return device;
  }

  /**
   * From {@code act.tokens()} to {@code act.logits()}. The piece begins at the border of an
   * attention chunk.
   *
   * @param in state before the piece
   * @param out state after the piece; may be {@code in} if there will be no backward
   * @throws IllegalArgumentException when a token is not in the vocabulary
   */
  public void forward(ModelState in, ModelActivations act, ModelState out) {
    forward(in, local, act, out);
  }

  /** As above, where {@code openChunks} gives the chunk that the piece continues, by layer. */
  void forward(
      ModelState in,
      IntFunction<Optional<OpenChunk>> openChunks,
      ModelActivations act,
      ModelState out) {
    forward(in, openChunks, local, act, out);
  }

  /** As above, where the piece is a slice whose state {@code exchange} completes in {@code in}. */
  void forward(ModelState in, StateExchange exchange, ModelActivations act, ModelState out) {
    forward(in, layer -> Optional.empty(), exchange, act, out);
  }

  private void forward(
      ModelState in,
      IntFunction<Optional<OpenChunk>> openChunks,
      StateExchange exchange,
      ModelActivations act,
      ModelState out) {
    device
        .embedding()
        .forward(act.tokens(), weights.embedding(), config.embeddingScale(), act.embedded());
    for (int layer = 0; layer < config.layers(); layer++) {
      block.forward(
          weights.blocks().get(layer),
          act.blockInput(layer), // (B, L, D)
          in.blocks().get(layer),
          openChunks.apply(layer),
          exchange,
          act.blocks().get(layer),
          out.blocks().get(layer));
    }
    exchange.bringNorm(act.blockInput(config.layers()), in.finalNorm());
    device
        .timestepNorm()
        .forward(
            act.blockInput(config.layers()),
            weights.finalNormWeight(),
            weights.finalNormBias(),
            Optional.empty(),
            in.finalNorm(),
            config.normEpsilon(),
            act.normalized(),
            act.finalNorm(),
            out.finalNorm()); // (B, L, D)
    exchange.passNorm(out.finalNorm());
    linear.forward(act.normalized(), weights.output(), act.logits()); // (B, L, V)
  }

  /**
   * The sum of the losses of all tokens in nats; {@code act.tokenLoss()} holds each.
   *
   * @param targets (B, L) INT32; −100 is ignored
   */
  public double loss(ModelActivations act, Tensor targets) {
    return device
        .crossEntropy()
        .forward(rows(act.logits()), targets.reshape(targets.size()), 0, act.tokenLoss());
  }

  /**
   * Adds the gradient of lossScale·(sum of token losses) + ⟨state after the piece, dStateOut⟩ to
   * {@code gradients}. Follows {@link #forward}, and turns {@code act.logits()} into its gradient.
   *
   * @param targets (B, L) INT32; −100 is ignored
   * @param lossScale usually 1/(tokens of the global batch)
   * @param in the state before the piece, as forward saw it
   * @param dStateOut gradient of the state after the piece
   * @param dStateIn gradient of the state before the piece, overwritten
   * @param progress hears of complete gradients
   */
  public void backward(
      ModelActivations act,
      Tensor targets,
      double lossScale,
      ModelState in,
      ModelStateGradient dStateOut,
      ModelWeights gradients,
      BackwardScratch scratch,
      ModelStateGradient dStateIn,
      BackwardProgress progress) {
    backward(act, targets, lossScale, in, local, dStateOut, gradients, scratch, dStateIn, progress);
  }

  /** As above, where the piece is a slice and {@code exchange} completes {@code dStateOut}. */
  void backward(
      ModelActivations act,
      Tensor targets,
      double lossScale,
      ModelState in,
      StateExchange exchange,
      ModelStateGradient dStateOut,
      ModelWeights gradients,
      BackwardScratch scratch,
      ModelStateGradient dStateIn,
      BackwardProgress progress) {
    outputBackward(act, targets, lossScale, in, exchange, dStateOut, gradients, scratch, dStateIn);
    progress.completed("output.");
    for (int layer = config.layers() - 1; layer >= 0; layer--) {
      recompute(layer, in, act);
      block.backward(
          weights.blocks().get(layer),
          act.blockInput(layer),
          in.blocks().get(layer),
          exchange,
          act.blocks().get(layer),
          dStateOut.blocks().get(layer),
          gradients.blocks().get(layer),
          scratch,
          dStateIn.blocks().get(layer));
      progress.completed("layers." + layer + ".");
    }
    device
        .embedding()
        .backward(act.tokens(), scratch.stream(), config.embeddingScale(), gradients.embedding());
    progress.completed(ParameterCatalog.EMBEDDING);
  }

  /**
   * Makes a layer's activations again where layers share their memory. Its state is complete, so
   * nothing is exchanged; the last layer's activations are still there.
   */
  private void recompute(int layer, ModelState in, ModelActivations act) {
    if (act.recomputedState().isEmpty() || layer == config.layers() - 1) {
      return;
    }
    block.forward(
        weights.blocks().get(layer),
        act.blockInput(layer),
        in.blocks().get(layer),
        Optional.empty(),
        local,
        act.blocks().get(layer),
        act.recomputedState().get());
  }

  /**
   * From the loss to the gradient of the last block's output, in {@code scratch.stream()}. The
   * gradient of the norm's state travels while the output projection's is computed.
   */
  private void outputBackward(
      ModelActivations act,
      Tensor targets,
      double lossScale,
      ModelState in,
      StateExchange exchange,
      ModelStateGradient dStateOut,
      ModelWeights gradients,
      BackwardScratch scratch,
      ModelStateGradient dStateIn) {
    Tensor dLogits = rows(act.logits()); // (B·L, V)
    Tensor flatTargets = targets.reshape(targets.size());
    device.crossEntropy().backward(dLogits, flatTargets, 0, lossScale, dLogits);
    Tensor stream = scratch.stream(); // (B, L, D)
    linear.inputGradient(dLogits, weights.output(), stream);
    Tensor x = act.blockInput(config.layers());
    Arrival dState =
        exchange.beginNormGradient(
            new NormPass(stream, x, weights.finalNormWeight(), in.finalNorm(), act.finalNorm()),
            dStateOut.finalNorm());
    linear.parameterGradient(dLogits, act.normalized(), gradients.output());
    dState.await();
    device
        .timestepNorm()
        .backward(
            stream,
            x,
            weights.finalNormWeight(),
            Optional.empty(),
            in.finalNorm(),
            act.finalNorm(),
            dStateOut.finalNorm(),
            stream,
            gradients.finalNormWeight(),
            gradients.finalNormBias(),
            dStateIn.finalNorm());
    exchange.passNormGradient(dStateIn.finalNorm());
  }

  private static Tensor rows(Tensor logits) {
    return logits.reshape(logits.rows(), logits.dim(-1));
  }
}
