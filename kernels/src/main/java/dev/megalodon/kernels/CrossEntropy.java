package dev.megalodon.kernels;

/**
 * Cross-entropy of logits against target tokens. A target of {@link #IGNORED} has loss 0 and no
 * gradient. With smoothing s the target distribution is (1 − s)·onehot + s/V.
 */
public interface CrossEntropy {
  /** The target that does not count. */
  int IGNORED = -100;

  /**
   * Losses per token.
   *
   * @param logits (R, V)
   * @param targets (R) INT32
   * @param tokenLoss (R) FLOAT64, nats
   * @return the sum of the token losses, in the order of the rows
   */
  double forward(Tensor logits, Tensor targets, double smoothing, Tensor tokenLoss);

  /**
   * dLogits = scale·(softmax(logits) − target distribution).
   *
   * @param scale usually 1/(tokens of the global batch)
   * @param dLogits (R, V), may be logits
   */
  void backward(Tensor logits, Tensor targets, double smoothing, double scale, Tensor dLogits);
}
