package dev.megalodon.trainer.verify;

import dev.megalodon.kernels.CrossEntropy;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import java.util.Arrays;

/** Cross-entropy by every amount of smoothing that the file names. */
final class CrossEntropyCheck implements GoldenCheck {
  @Override
  public void run(GoldenFile file) throws IOException {
    long vocabulary = file.dims("logits")[file.dims("logits").length - 1];
    Tensor logits = file.input("logits");
    Tensor rows = logits.reshape(logits.size() / vocabulary, vocabulary);
    Tensor targets = file.integerInput("targets");
    int[] tokens = file.integers("targets");
    long valid = Arrays.stream(tokens).filter(token -> token != CrossEntropy.IGNORED).count();
    for (var smoothing : file.config("label_smoothing").properties()) {
      GoldenFile part = file.at(smoothing.getKey() + ".");
      compare(
          part, rows, targets.reshape(targets.size()), smoothing.getValue().doubleValue(), valid);
    }
  }

  private static void compare(
      GoldenFile file, Tensor logits, Tensor targets, double smoothing, long valid)
      throws IOException {
    Device device = file.device();
    CrossEntropy crossEntropy = device.crossEntropy();
    Tensor tokenLoss = device.allocate(ElementType.FLOAT64, targets.size());
    Tensor dLogits = device.allocate(device.elementType(), logits.dims());
    double total = crossEntropy.forward(logits, targets, smoothing, tokenLoss);
    file.expect("token_loss", tokenLoss, Quantity.OPERATION);
    file.expect("mean", total / targets.size(), Quantity.OPERATION);
    file.expect("mean_valid", total / valid, Quantity.OPERATION);
    crossEntropy.backward(logits, targets, smoothing, 1.0 / targets.size(), dLogits);
    file.expect("dlogits", dLogits, Quantity.OPERATION);
    crossEntropy.backward(logits, targets, smoothing, 1.0 / valid, dLogits);
    file.expect("dlogits_mean_valid", dLogits, Quantity.OPERATION);
  }
}
