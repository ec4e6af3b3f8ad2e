package dev.megalodon.trainer.verify;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.BackwardProgress;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.model.ModelActivations;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.ModelState;
import dev.megalodon.trainer.model.ModelWeights;
import dev.megalodon.trainer.model.TrainingPass;
import java.io.IOException;

/** A whole model: every layer's output, logits, loss and every gradient. */
final class ModelCheck implements GoldenCheck {
  @Override
  public void run(GoldenFile file) throws IOException {
    GoldenModel golden = GoldenModel.of(file, file.device());
    forward(file, golden.model());
    backward(file, golden);
  }

  private static void forward(GoldenFile file, MegalodonModel model) throws IOException {
    Device device = file.device();
    ModelConfig config = model.config();
    int batch = file.dim("tokens", 0);
    ModelActivations act =
        ModelActivations.forTraining(device, device, config, batch, file.dim("tokens", 1));
    device.transfer().write(file.integers("tokens"), act.tokens());
    model.forward(
        ModelState.fresh(device, device, config, batch),
        act,
        ModelState.fresh(device, device, config, batch));
    file.expect("logits", act.logits(), Quantity.LOGITS);
    for (int layer = 0; layer < config.layers(); layer++) {
      Tensor output = act.blockInput(layer + 1);
      file.expect("act.layers." + layer + ".out", output, Quantity.BLOCK);
    }
  }

  private static void backward(GoldenFile file, GoldenModel golden) throws IOException {
    ModelConfig config = golden.model().config();
    FlatTensors gradients =
        FlatTensors.allocate(file.device(), GoldenModel.layout(file.device(), config));
    int[] tokens = file.integers("tokens");
    TrainingPass pass =
        new TrainingPass(
            golden.model(),
            ModelWeights.of(config, gradients),
            file.dim("tokens", 0),
            file.dim("tokens", 1));
    double scale = 1.0 / tokens.length;
    double loss =
        pass.accumulate(tokens, file.integers("targets"), scale, BackwardProgress.IGNORED);
    file.expect("loss", loss * scale, Quantity.LOSS);
    file.at("grad.").expectAll(gradients, Quantity.GRADIENT);
    double norm = Math.sqrt(file.device().pointwise().sumOfSquares(gradients.flat()));
    file.expect("grad_norm", norm, Quantity.GRADIENT);
  }
}
