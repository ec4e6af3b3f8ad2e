package dev.megalodon.kernels;

/** Rows of a table chosen by tokens. */
public interface Embedding {
  /**
   * out ← scale·table[tokens].
   *
   * @param tokens (B, L) INT32, each 0 to V − 1
   * @param table (V, D)
   * @param out (B, L, D)
   * @throws IllegalArgumentException when a token is not in the table
   */
  void forward(Tensor tokens, Tensor table, double scale, Tensor out);

  /** dTable[token] += scale·dOut, in the order of the tokens. */
  void backward(Tensor tokens, Tensor dOut, double scale, Tensor dTable);
}
