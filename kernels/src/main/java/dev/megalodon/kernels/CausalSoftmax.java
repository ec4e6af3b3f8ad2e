package dev.megalodon.kernels;

/**
 * Softmax of a block of attention scores under a causal mask. Row i of the block sees columns 0 to
 * diagonal + i; the rest become 0. Score scale is 1.
 */
public interface CausalSoftmax {
  /** Scores to probabilities, in place. */
  void forward(Matrix scores, long diagonal);

  /**
   * dS = P ⊙ (dP − rowsum(dP ⊙ P)), written over dP.
   *
   * @param probabilities what {@link #forward} left
   * @param dProbabilities dP on entry, dS on return
   */
  void backward(Matrix probabilities, Matrix dProbabilities, long diagonal);
}
