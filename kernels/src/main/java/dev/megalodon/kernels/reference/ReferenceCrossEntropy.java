package dev.megalodon.kernels.reference;

import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.getInt;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.CrossEntropy;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.CrossEntropyShape;
import dev.megalodon.kernels.shape.Shapes;

/** −Σ target·log softmax, the logarithm as logit − log Σ exp. */
final class ReferenceCrossEntropy implements CrossEntropy {
  @Override
  public double forward(Tensor logits, Tensor targets, double smoothing, Tensor tokenLoss) {
    CrossEntropyShape shape = CrossEntropyShape.of(logits, targets);
    Shapes.expect("tokenLoss", tokenLoss, ElementType.FLOAT64, shape.rows());
    int vocabulary = shape.vocabulary();
    double total = 0;
    for (long row = 0; row < shape.rows(); row++) {
      int target = shape.checkedTarget(getInt(targets, row), row);
      double loss = 0;
      if (target != IGNORED) {
        double logSum = logSumExp(logits, row * vocabulary, vocabulary);
        for (int j = 0; j < vocabulary; j++) {
          double probability = targetProbability(j, target, smoothing, vocabulary);
          if (probability != 0) {
            loss += probability * (logSum - get(logits, row * vocabulary + j));
          }
        }
      }
      set(tokenLoss, row, loss);
      total += loss;
    }
    return total;
  }

  @Override
  public void backward(
      Tensor logits, Tensor targets, double smoothing, double scale, Tensor dLogits) {
    CrossEntropyShape shape = CrossEntropyShape.of(logits, targets);
    Shapes.expect("dLogits", dLogits, logits.size());
    int vocabulary = shape.vocabulary();
    for (long row = 0; row < shape.rows(); row++) {
      int target = shape.checkedTarget(getInt(targets, row), row);
      double logSum = logSumExp(logits, row * vocabulary, vocabulary);
      for (int j = 0; j < vocabulary; j++) {
        double softmax = Math.exp(get(logits, row * vocabulary + j) - logSum);
        double gradient = scale * (softmax - targetProbability(j, target, smoothing, vocabulary));
        set(dLogits, row * vocabulary + j, target == IGNORED ? 0 : gradient);
      }
    }
  }

  private static double targetProbability(int j, int target, double smoothing, int vocabulary) {
    return (j == target ? 1 - smoothing : 0) + smoothing / vocabulary;
  }

  private static double logSumExp(Tensor logits, long at, int vocabulary) {
    double max = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < vocabulary; j++) {
      max = Math.max(max, get(logits, at + j));
    }
    double sum = 0;
    for (int j = 0; j < vocabulary; j++) {
      sum += Math.exp(get(logits, at + j) - max);
    }
    return max + Math.log(sum);
  }
}
