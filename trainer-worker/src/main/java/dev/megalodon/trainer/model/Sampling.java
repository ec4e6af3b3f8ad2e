package dev.megalodon.trainer.model;

/**
 * How the next token is chosen.
 *
 * @param temperature 0: always the likeliest; 1: as the model says
 * @param topK only the k likeliest tokens are chosen from; 0: all
 * @param topP only the likeliest tokens whose probabilities together reach this are chosen from; 1:
 *     all
 * @param seed which of the possible texts; the same seed gives the same text
 */
public record Sampling(double temperature, int topK, double topP, long seed) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException naming the one that cannot be
   */
  public Sampling {
    if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("temperature must be 0 or more, not " + temperature);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("topK must be 0 or more, not " + topK);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("topP must be more than 0 and at most 1, not " + topP);
    }
  }

  /** From all of the probability. */
  public Sampling(double temperature, int topK, long seed) {
    this(temperature, topK, 1, seed);
  }
}
