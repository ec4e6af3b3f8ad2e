package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Continues a text token by token. Keep it: its memory is the device's until that is closed. */
public final class Generator {
  private final MegalodonModel model;
  private final ModelStream stream;

  /** Generates with a model that nobody else uses at the same time. */
  public Generator(MegalodonModel model) {
    this.model = model;
    this.stream = new ModelStream(model, 1);
  }

  /**
   * Continues a prompt.
   *
   * @param prompt one token or more
   * @param count how many tokens to add
   * @return the new tokens, without the prompt
   * @throws IllegalArgumentException when the prompt is empty or has a token that the model lacks
   */
  public int[] generate(int[] prompt, int count, Sampling sampling) {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("the prompt is empty: give at least one token");
    }
    stream.reset();
    RandomStream random = RandomStream.named(sampling.seed(), "sampling");
    int[] generated = new int[count];
    int[] next = prompt;
    for (int i = 0; i < count; i++) {
      generated[i] = choose(lastLogits(next), sampling, random.uniform(i));
      next = new int[] {generated[i]};
    }
    return generated;
  }

  private double[] lastLogits(int[] tokens) {
    double[] last = new double[model.config().vocabSize()];
    stream.feed(
        tokens,
        (from, logits) -> {
          if (from + logits.dim(1) == tokens.length) {
            Tensor row = logits.view((logits.dim(1) - 1) * logits.dim(2), logits.dim(2));
            double[] values = model.device().transfer().toDoubles(row);
            System.arraycopy(values, 0, last, 0, last.length);
          }
        });
    return last;
  }

  /**
   * The token at which the sum of probabilities, from the likeliest token down, passes {@code
   * uniform}.
   */
  static int choose(double[] logits, Sampling sampling, double uniform) {
    int[] byLikelihood =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted((a, b) -> Double.compare(logits[b], logits[a]))
            .mapToInt(Integer::intValue)
            .toArray();
    if (sampling.temperature() == 0) {
      return byLikelihood[0];
    }
    int candidates =
        sampling.topK() == 0 ? logits.length : Math.min(sampling.topK(), logits.length);
    double[] weights = new double[candidates];
    for (int i = 0; i < candidates; i++) {
      double gap = logits[byLikelihood[i]] - logits[byLikelihood[0]];
      weights[i] = StrictMath.exp(gap / sampling.temperature());
    }
    double threshold = uniform * Arrays.stream(weights).sum();
    double sum = 0;
    for (int i = 0; i < candidates; i++) {
      sum += weights[i];
      if (sum > threshold) {
        return byLikelihood[i];
      }
    }
    return byLikelihood[candidates - 1];
  }
}
