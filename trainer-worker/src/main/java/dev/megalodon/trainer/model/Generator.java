package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Tensor;
import java.util.Arrays;
import java.util.function.IntConsumer;
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
    IntStream.Builder generated = IntStream.builder();
    generate(prompt, count, sampling, generated::add);
    return generated.build().toArray();
  }

  /**
   * Continues a prompt, telling of every token as soon as it is chosen.
   *
   * @param prompt one token or more
   * @param count how many tokens to add
   * @param listener gets the new tokens in order
   * @throws IllegalArgumentException when the prompt is empty or has a token that the model lacks
   */
  public void generate(int[] prompt, int count, Sampling sampling, IntConsumer listener) {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("the prompt is empty: give at least one token");
    }
    stream.reset();
    RandomStream random = RandomStream.named(sampling.seed(), "sampling");
    int[] next = prompt;
    for (int i = 0; i < count; i++) {
      int chosen = choose(lastLogits(next), sampling, random.uniform(i));
      listener.accept(chosen);
      next = new int[] {chosen};
    }
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
    int likeliest = nucleus(weights, sampling.topP());
    double threshold = uniform * Arrays.stream(weights, 0, likeliest).sum();
    return byLikelihood[passing(weights, likeliest, threshold)];
  }

  /** How many of the weights, which fall, reach that share of their sum. */
  private static int nucleus(double[] weights, double share) {
    double wanted = share * Arrays.stream(weights).sum();
    return share == 1 ? weights.length : passing(weights, weights.length, wanted) + 1;
  }

  /**
   * Index of the weight with which the sum passes the threshold; the last of them at the latest.
   */
  private static int passing(double[] weights, int count, double threshold) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += weights[i];
      if (sum > threshold) {
        return i;
      }
    }
    return count - 1;
  }
}
