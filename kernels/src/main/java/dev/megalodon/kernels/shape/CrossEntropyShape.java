package dev.megalodon.kernels.shape;

import dev.megalodon.kernels.CrossEntropy;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.host.HostElements;

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

  /** The target of a row: a token of the vocabulary or {@link CrossEntropy#IGNORED}. */
  public int target(Tensor targets, long row) {
    int target = HostElements.getInt(targets, row);
    Shapes.require(
        target == CrossEntropy.IGNORED || (target >= 0 && target < vocabulary),
        "target %d of row %d is not in a vocabulary of %d",
        target,
        row,
        vocabulary);
    return target;
  }
}
