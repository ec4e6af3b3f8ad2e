package dev.megalodon.kernels.shape;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;

/**
 * Dimensions of an embedding.
 *
 * @param tokens number of tokens looked up
 * @param vocabulary V
 * @param width D
 */
public record EmbeddingShape(long tokens, int vocabulary, int width) {
  /** The dimensions of a look-up. */
  public static EmbeddingShape of(Tensor tokens, Tensor table, Tensor rows) {
    Shapes.require(table.rank() == 2, "the table is %s, but must be (V, D)", table);
    EmbeddingShape shape =
        new EmbeddingShape(
            tokens.size(), Math.toIntExact(table.dim(0)), Math.toIntExact(table.dim(1)));
    Shapes.expect("tokens", tokens, ElementType.INT32, shape.tokens);
    Shapes.expect("rows", rows, shape.tokens * shape.width);
    return shape;
  }

  /**
   * Index in the table where a token's row begins.
   *
   * @param i the token's place among the tokens, for the error
   */
  public long row(int token, long i) {
    Shapes.require(
        token >= 0 && token < vocabulary,
        "token %d at %d is not in a vocabulary of %d",
        token,
        i,
        vocabulary);
    return (long) token * width;
  }
}
