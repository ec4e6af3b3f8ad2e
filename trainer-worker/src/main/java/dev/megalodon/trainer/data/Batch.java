package dev.megalodon.trainer.data;

/**
 * Sequences with the token that follows each position.
 *
 * @param sequences number of sequences, B
 * @param length tokens of each, L
 * @param tokens inputs, (B, L) row-major
 * @param targets next tokens, (B, L) row-major
 */
public record Batch(int sequences, int length, int[] tokens, int[] targets) {
  /** A batch to be filled. */
  public static Batch empty(int sequences, int length) {
    return new Batch(sequences, length, new int[sequences * length], new int[sequences * length]);
  }

  /** Number of tokens, B·L. */
  public long tokenCount() {
    return (long) sequences * length;
  }
}
