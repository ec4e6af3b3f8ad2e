package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;

/**
 * Forward and backward passes over micro-batches of one shape, each sequence from a fresh state.
 * All memory is allocated here, once.
 */
public final class TrainingPass {
  private final MegalodonModel model;
  private final ModelWeights gradients;
  private final ModelActivations activations;
  private final BackwardScratch scratch;
  private final Tensor targets; // (B, L)
  private final ModelState fresh;
  private final ModelState discarded;
  private final ModelStateGradient noGradient;
  private final ModelStateGradient discardedGradient;

  /**
   * Allocates for micro-batches of one shape.
   *
   * @param gradients what {@link #accumulate} adds to
   * @param batch sequences of a micro-batch
   * @param length tokens of a sequence
   */
  public TrainingPass(MegalodonModel model, ModelWeights gradients, int batch, int length) {
    this.model = model;
    this.gradients = gradients;
    Device device = model.device();
    ModelConfig config = model.config();
    this.activations = ModelActivations.forTraining(device, device, config, batch, length);
    this.scratch = BackwardScratch.allocate(device, device, config, batch, length);
    this.targets = device.allocate(ElementType.INT32, batch, length);
    this.fresh = ModelState.shared(device, device, config, batch);
    this.discarded = ModelState.shared(device, device, config, batch);
    this.noGradient = ModelStateGradient.shared(device, device, config, batch);
    this.discardedGradient = ModelStateGradient.shared(device, device, config, batch);
  }

  /**
   * Adds the gradient of lossScale·(sum of token losses) of one micro-batch.
   *
   * @param inputTokens B·L tokens, sequence after sequence
   * @param targetTokens B·L tokens, each the one that follows; −100 is ignored
   * @param lossScale usually 1/(tokens of the global batch)
   * @param progress hears of complete gradients; {@link BackwardProgress#IGNORED} in all
   *     micro-batches but the last
   * @return the sum of the token losses in nats
   */
  public double accumulate(
      int[] inputTokens, int[] targetTokens, double lossScale, BackwardProgress progress) {
    double loss = loss(inputTokens, targetTokens);
    model.backward(
        activations,
        targets,
        lossScale,
        fresh,
        noGradient,
        gradients,
        scratch,
        discardedGradient,
        progress);
    return loss;
  }

  /**
   * The sum of the token losses of one micro-batch in nats, without gradients.
   *
   * @param inputTokens B·L tokens, sequence after sequence
   * @param targetTokens B·L tokens, each the one that follows; −100 is ignored
   */
  public double loss(int[] inputTokens, int[] targetTokens) {
    model.device().transfer().write(inputTokens, activations.tokens());
    model.device().transfer().write(targetTokens, targets);
    model.forward(fresh, activations, discarded);
    return model.loss(activations, targets);
  }
}
