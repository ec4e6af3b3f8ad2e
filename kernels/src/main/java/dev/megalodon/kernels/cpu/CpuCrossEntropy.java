package dev.megalodon.kernels.cpu;

import static dev.megalodon.kernels.host.HostElements.getInt;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.megalodon.kernels.CrossEntropy;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.CrossEntropyShape;
import dev.megalodon.kernels.shape.Shapes;
import java.util.Arrays;

/** Exponentials and sums in single precision relative to the row's maximum, losses in double. */
final class CpuCrossEntropy implements CrossEntropy {
  private static final int LOGITS = 0;

  private final Processor processor;

  CpuCrossEntropy(Processor processor) {
    this.processor = processor;
  }

  @Override
  public double forward(Tensor logits, Tensor targets, double smoothing, Tensor tokenLoss) {
    CrossEntropyShape shape = CrossEntropyShape.of(logits, targets);
    Shapes.expect("tokenLoss", tokenLoss, ElementType.FLOAT64, shape.rows());
    processor.forEach(
        shape.rows(),
        shape.vocabulary(),
        (scratch, first, end) -> {
          for (long row = first; row < end; row++) {
            double loss = rowLoss(scratch, logits, shape, row, targets, smoothing);
            tokenLoss.memory().setAtIndex(JAVA_DOUBLE, row, loss);
          }
        });
    double total = 0;
    for (long row = 0; row < shape.rows(); row++) {
      total += tokenLoss.memory().getAtIndex(JAVA_DOUBLE, row);
    }
    return total;
  }

  /** log Σ e^x − (1 − s)·x_target − s·mean x. */
  private static double rowLoss(
      Scratch scratch,
      Tensor logits,
      CrossEntropyShape shape,
      long row,
      Tensor targets,
      double smoothing) {
    int target = shape.checkedTarget(getInt(targets, row), row);
    if (target == IGNORED) {
      return 0;
    }
    int vocabulary = shape.vocabulary();
    int n = Lanes.padded(vocabulary);
    float[] x = scratch.floats(LOGITS, n);
    Tiles.load(logits, row * vocabulary, vocabulary, x);
    double expected = (1 - smoothing) * x[target];
    if (smoothing != 0) {
      expected += smoothing * Lanes.sum(x, 0, n, scratch.lanes) / vocabulary;
    }
    Arrays.fill(x, vocabulary, n, Float.NEGATIVE_INFINITY);
    float max = Lanes.max(x, 0, n, scratch.lanes);
    double sum = SoftmaxKernels.exponentials(x, 0, max, n, scratch.lanes);
    return max + StrictMath.log(sum) - expected;
  }

  @Override
  public void backward(
      Tensor logits, Tensor targets, double smoothing, double scale, Tensor dLogits) {
    CrossEntropyShape shape = CrossEntropyShape.of(logits, targets);
    Shapes.expect("dLogits", dLogits, logits.size());
    processor.forEach(
        shape.rows(),
        shape.vocabulary(),
        (scratch, first, end) -> {
          for (long row = first; row < end; row++) {
            rowGradient(scratch, logits, shape, row, targets, smoothing, scale);
            Tiles.store(
                scratch.floats(LOGITS, 0), shape.vocabulary(), dLogits, row * shape.vocabulary());
          }
        });
  }

  /** Leaves the gradient in the tile. */
  private static void rowGradient(
      Scratch scratch,
      Tensor logits,
      CrossEntropyShape shape,
      long row,
      Tensor targets,
      double smoothing,
      double scale) {
    int target = shape.checkedTarget(getInt(targets, row), row);
    int vocabulary = shape.vocabulary();
    int n = Lanes.padded(vocabulary);
    float[] x = scratch.floats(LOGITS, n);
    if (target == IGNORED) {
      Arrays.fill(x, 0, vocabulary, 0);
      return;
    }
    Tiles.load(logits, row * vocabulary, vocabulary, x);
    Arrays.fill(x, vocabulary, n, Float.NEGATIVE_INFINITY);
    float max = Lanes.max(x, 0, n, scratch.lanes);
    double sum = SoftmaxKernels.exponentials(x, 0, max, n, scratch.lanes);
    double onTarget = x[target] / sum - (1 - smoothing) - smoothing / vocabulary;
    SoftmaxKernels.scale(x, 0, (float) (scale / sum), n);
    if (smoothing != 0) {
      NormKernels.centre(x, 0, (float) (scale * smoothing / vocabulary), n);
    }
    x[target] = (float) (scale * onTarget);
  }
}
