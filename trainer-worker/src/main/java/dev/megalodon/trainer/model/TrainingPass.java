package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import java.util.Optional;

/**
 * Forward and backward passes over micro-batches of one shape: whole sequences, or one rank's
 * slices of them. All memory is allocated here, once.
 *
 * <p>Where ranks share sequences, all of them make the same calls in the same order. Losses and
 * gradients are those of the own slice by itself and of its part in the others; summed over the
 * ranks they are those of the whole sequences.
 */
public final class TrainingPass {
  private final MegalodonModel model;
  private final ModelWeights gradients;
  private final Optional<SequenceShare> share;
  private final StateExchange exchange;
  private final ModelActivations activations;
  private final BackwardScratch scratch;
  private final Tensor targets; // (B, L)
  private final ModelState in;
  private final ModelState out;
  private final ModelStateGradient dStateOut;
  private final ModelStateGradient dStateIn;

  /**
   * Allocates for micro-batches of one shape.
   *
   * @param gradients what {@link #accumulate} adds to
   * @param batch sequences of a micro-batch
   * @param length tokens of a sequence
   */
  public TrainingPass(MegalodonModel model, ModelWeights gradients, int batch, int length) {
    this(model, gradients, batch, length, Recompute.NONE);
  }

  /** As above, with a choice of what backward computes again. */
  public TrainingPass(
      MegalodonModel model, ModelWeights gradients, int batch, int length, Recompute recompute) {
    this(model, gradients, batch, length, Optional.empty(), new LocalStates(), recompute);
  }

  /**
   * Allocates for micro-batches of sequences that the ranks of a group share.
   *
   * @param batch sequences of a micro-batch
   * @param share this rank's part
   * @throws IllegalArgumentException when a slice that is not the last ends within a chunk
   */
  public TrainingPass(
      MegalodonModel model,
      ModelWeights gradients,
      int batch,
      SequenceShare share,
      Recompute recompute) {
    this(
        model,
        gradients,
        batch,
        share.length(),
        Optional.of(share),
        exchange(model, batch, share),
        recompute);
  }

  private TrainingPass(
      MegalodonModel model,
      ModelWeights gradients,
      int batch,
      int length,
      Optional<SequenceShare> share,
      StateExchange exchange,
      Recompute recompute) {
    this.model = model;
    this.gradients = gradients;
    this.share = share;
    this.exchange = exchange;
    Device device = model.device();
    ModelConfig config = model.config();
    this.activations =
        switch (recompute) {
          case NONE -> ModelActivations.forTraining(device, device, config, batch, length);
          case LAYER -> ModelActivations.forRecomputation(device, device, config, batch, length);
        };
    this.scratch = BackwardScratch.allocate(device, device, config, batch, length);
    this.targets = device.allocate(ElementType.INT32, batch, length);
    this.in = ModelState.fresh(device, device, config, batch);
    this.out = ModelState.fresh(device, device, config, batch);
    // One memory for all layers: nothing follows a sequence, so on the last rank it stays zero, and
    // on the others every layer overwrites it.
    this.dStateOut = ModelStateGradient.shared(device, device, config, batch);
    this.dStateIn = ModelStateGradient.shared(device, device, config, batch);
  }

  private static StateExchange exchange(MegalodonModel model, int batch, SequenceShare share) {
    share.requireWholeChunks(model.config().chunkSize());
    if (share.group().size() == 1) {
      return new LocalStates();
    }
    return switch (share.exchange()) {
      case ALL_GATHER -> new GatheredStates(model.device(), model.config(), batch, share);
      case WAVEFRONT -> new RelayedStates(model.device(), model.config(), batch, share);
    };
  }

  /**
   * Adds the gradient of lossScale·(sum of token losses) of one micro-batch, its sequences
   * beginning afresh.
   *
   * @param inputTokens B·L tokens, sequence after sequence
   * @param targetTokens B·L tokens, each the one that follows; −100 is ignored
   * @param lossScale usually 1/(tokens of the global batch)
   * @param progress hears of complete gradients; {@link BackwardProgress#IGNORED} in all
   *     micro-batches but the last
   * @return the sum of the own slice's token losses in nats
   */
  public double accumulate(
      int[] inputTokens, int[] targetTokens, double lossScale, BackwardProgress progress) {
    double loss = loss(inputTokens, targetTokens);
    backward(lossScale, progress);
    return loss;
  }

  /**
   * As above, but the sequences go on where {@code carried} ends. Gradients do not go back beyond
   * it (truncated back-propagation).
   *
   * @param carried the state before the sequences, then the one after them: read and written on the
   *     group's first rank, the only one that needs it; untouched on the others
   */
  public double accumulate(
      ModelState carried,
      int[] inputTokens,
      int[] targetTokens,
      double lossScale,
      BackwardProgress progress) {
    in.copyFrom(model.device(), carried);
    double loss = forward(inputTokens, targetTokens);
    backward(lossScale, progress);
    carryOn(carried);
    return loss;
  }

  /**
   * The sum of the own slice's token losses of one micro-batch in nats, without gradients; its
   * sequences begin afresh.
   *
   * @param inputTokens B·L tokens, sequence after sequence
   * @param targetTokens B·L tokens, each the one that follows; −100 is ignored
   */
  public double loss(int[] inputTokens, int[] targetTokens) {
    in.reset(model.device());
    return forward(inputTokens, targetTokens);
  }

  /** (B, L, V), after {@link #loss}. */
  public Tensor logits() {
    return activations.logits();
  }

  private double forward(int[] inputTokens, int[] targetTokens) {
    model.device().transfer().write(inputTokens, activations.tokens());
    model.device().transfer().write(targetTokens, targets);
    model.forward(in, exchange, activations, out);
    return model.loss(activations, targets);
  }

  private void backward(double lossScale, BackwardProgress progress) {
    progress.begins();
    model.backward(
        activations,
        targets,
        lossScale,
        in,
        exchange,
        dStateOut,
        gradients,
        scratch,
        dStateIn,
        progress);
  }

  /** Brings the state after the sequences from the last rank to the first. */
  private void carryOn(ModelState carried) {
    if (share.isEmpty() || share.get().group().size() == 1) {
      carried.copyFrom(model.device(), out);
      return;
    }
    SequenceShare part = share.get();
    if (part.isLast()) {
      out.byName().values().forEach(tensor -> part.group().send(0, tensor));
    }
    if (part.isFirst()) {
      int last = part.group().size() - 1;
      carried.byName().values().forEach(tensor -> part.group().receive(last, tensor));
    }
  }
}
