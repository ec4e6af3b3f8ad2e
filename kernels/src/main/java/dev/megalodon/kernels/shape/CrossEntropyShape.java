package dev.megalodon.kernels.shape;

import dev.megalodon.kernels.CrossEntropy;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;

/**
 * Dimensions of a cross-entropy.
 *
 * @param rows R
 * @param vocabulary V
 */
public record CrossEntropyShape(long rows, int vocabulary) {
  /** The dimensions of a call. */
  public static CrossEntropyShape of(Tensor logits, Tensor targets) {
    RowsShape shape = RowsShape.of(logits);
    Shapes.expect("targets", targets, ElementType.INT32, shape.rows());
    return new CrossEntropyShape(shape.rows(), shape.width());
  }

  /**
   * A row's target when it is a token of the vocabulary or {@link CrossEntropy#IGNORED}.
   *
   * @throws IllegalArgumentException when it is neither
   */
  public int checkedTarget(int target, long row) {
    Shapes.require(
        target == CrossEntropy.IGNORED || (target >= 0 && target < vocabulary),
        "target %d of row %d is not in a vocabulary of %d",
        target,
        row,
        vocabulary);
    return target;
  }
}
