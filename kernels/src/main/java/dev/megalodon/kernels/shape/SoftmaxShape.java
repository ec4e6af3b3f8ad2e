package dev.megalodon.kernels.shape;

import dev.megalodon.kernels.Matrix;

/**
 * A block of scores under a causal mask.
 *
 * @param rows rows of the block
 * @param cols columns of the block
 * @param diagonal row i sees columns 0 to diagonal + i
 */
public record SoftmaxShape(int rows, int cols, long diagonal) {
  /** The shape of a block, which may not be transposed. */
  public static SoftmaxShape of(Matrix scores, long diagonal) {
    Shapes.require(!scores.transposed(), "a softmax goes along stored rows, not transposed ones");
    return new SoftmaxShape(
        Math.toIntExact(scores.rows()), Math.toIntExact(scores.cols()), diagonal);
  }

  /** Checks that another block has this shape. */
  public SoftmaxShape same(Matrix other) {
    Shapes.require(
        other.rows() == rows && other.cols() == cols && !other.transposed(),
        "blocks of (%d, %d) and (%d, %d)",
        rows,
        cols,
        other.rows(),
        other.cols());
    return this;
  }

  /** How many columns row i sees. */
  public int visible(long i) {
    return (int) Math.clamp(diagonal + i + 1, 0, cols);
  }
}
