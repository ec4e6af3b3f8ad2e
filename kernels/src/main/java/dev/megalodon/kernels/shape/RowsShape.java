package dev.megalodon.kernels.shape;

import dev.megalodon.kernels.Tensor;
import java.util.Optional;

/**
 * A tensor as (R, D): all leading dimensions in one.
 *
 * @param rows R
 * @param width D
 */
public record RowsShape(long rows, int width) {
  /** The shape of {@code x}. */
  public static RowsShape of(Tensor x) {
    Shapes.require(x.rank() > 0, "a tensor without dimensions has no rows");
    return new RowsShape(x.rows(), Math.toIntExact(x.dim(-1)));
  }

  /** Checks that another tensor has as many elements. */
  public RowsShape sameSize(String name, Tensor tensor) {
    Shapes.expect(name, tensor, rows * width);
    return this;
  }

  /** Checks that a tensor has one element per row. */
  public RowsShape perRow(String name, Tensor tensor) {
    Shapes.expect(name, tensor, rows);
    return this;
  }

  /** Checks that a tensor has one element per column. */
  public RowsShape perColumn(String name, Tensor tensor) {
    Shapes.expect(name, tensor, width);
    return this;
  }

  /** Checks that a tensor, when there, has one element per column. */
  public RowsShape perColumn(String name, Optional<Tensor> tensor) {
    Shapes.expect(name, tensor, width);
    return this;
  }
}
