package dev.megalodon.trainer.data;

import dev.megalodon.trainer.parallel.SequenceSlice;

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

  /** The same part of every sequence. */
  public Batch slice(SequenceSlice part) {
    return part.length() == length
        ? this
        : new Batch(sequences, part.length(), slice(tokens, part), slice(targets, part));
  }

  private int[] slice(int[] whole, SequenceSlice part) {
    int[] sliced = new int[sequences * part.length()];
    for (int row = 0; row < sequences; row++) {
      int from = row * length + part.start();
      System.arraycopy(whole, from, sliced, row * part.length(), part.length());
    }
    return sliced;
  }
}
