package dev.megalodon.trainer.model;

import dev.megalodon.kernels.AdamW;
import dev.megalodon.kernels.Device;

/** Training on one rank as the fixtures were made: forward, backward, clip, AdamW. */
final class PlainTraining {
  private final Device device;
  private final FlatTensors parameters;
  private final FlatTensors gradients;
  private final FlatTensors firstMoment;
  private final FlatTensors secondMoment;
  private final TrainingPass pass;
  private final double lossScale;
  private long steps;

  /**
   * What a step gave.
   *
   * @param loss mean loss over all tokens, before the update
   * @param gradientNorm before clipping
   */
  record Result(double loss, double gradientNorm) {}

  PlainTraining(Device device, ModelConfig config, int batch, int length) {
    this.device = device;
    FlatLayout layout = FlatLayout.of(config, 2, device.elementType().bytes(), 1 << 16);
    parameters = FlatTensors.allocate(device, layout);
    gradients = FlatTensors.allocate(device, layout);
    firstMoment = moments(layout);
    secondMoment = moments(layout);
    MegalodonModel model =
        new MegalodonModel(device, device, config, ModelWeights.of(config, parameters));
    pass = new TrainingPass(model, ModelWeights.of(config, gradients), batch, length);
    lossScale = 1.0 / ((long) batch * length);
  }

  private FlatTensors moments(FlatLayout layout) {
    return new FlatTensors(layout, device.allocate(device.accumulationType(), layout.elements()));
  }

  FlatTensors parameters() {
    return parameters;
  }

  FlatTensors firstMoment() {
    return firstMoment;
  }

  FlatTensors secondMoment() {
    return secondMoment;
  }

  /** The mean loss without training. */
  double loss(int[] inputs, int[] targets) {
    return lossScale * pass.loss(inputs, targets);
  }

  /**
   * One step.
   *
   * @param optimizer its learning rate, decay and moments count; step and clipping are put in
   * @param clip the largest norm of the gradient
   */
  Result step(int[] inputs, int[] targets, AdamW.Settings optimizer, double clip) {
    device.pointwise().fill(gradients.flat(), 0);
    double loss = lossScale * pass.accumulate(inputs, targets, lossScale, BackwardProgress.IGNORED);
    double norm = Math.sqrt(device.pointwise().sumOfSquares(gradients.flat()));
    AdamW.Settings settings =
        new AdamW.Settings(
            optimizer.learningRate(),
            optimizer.beta1(),
            optimizer.beta2(),
            optimizer.epsilon(),
            optimizer.weightDecay(),
            ++steps,
            Math.min(1, clip / (norm + 1e-6)));
    device
        .adamW()
        .update(
            parameters.flat(), gradients.flat(), firstMoment.flat(), secondMoment.flat(), settings);
    return new Result(loss, norm);
  }
}
