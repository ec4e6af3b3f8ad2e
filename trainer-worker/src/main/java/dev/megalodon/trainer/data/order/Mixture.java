package dev.megalodon.trainer.data.order;

import java.util.Arrays;

/**
 * Shares out a run's windows over sources by weight, without chance: after n windows source s has
 * had its share of n, rounded. For source s among those not yet decided, with share a of their
 * weight, the windows it gets of the first n are ⌊n·a + φ⌋ (a Beatty sequence), φ from the seed;
 * the others are shared out in the same way among the rest. So each source's windows have numbers
 * of their own, without gaps, that are a function of the window's number alone.
 */
final class Mixture {
  /** A window of one source, and how many that source had before it. */
  record Draw(int source, long ordinal) {}

  private final long[] shares; // of the weight from this source on, × 2^64
  private final long[] phases; // × 2^64

  /**
   * A mixture.
   *
   * @param weights one per source, positive
   */
  Mixture(double[] weights, long seed) {
    this.shares = new long[weights.length - 1];
    this.phases = new long[weights.length - 1];
    for (int i = 0; i < shares.length; i++) {
      double rest = Arrays.stream(weights, i, weights.length).sum();
      shares[i] = fraction(weights[i] / rest);
      phases[i] = Mixer.mix(seed, i);
    }
  }

  // Exact: a double below 1 has 53 bits.
  private static long fraction(double share) {
    return (long) Math.scalb(share, Long.SIZE - 1) << 1;
  }

  /** The source of a window. */
  Draw draw(long window) {
    long number = window;
    for (int i = 0; i < shares.length; i++) {
      long before = count(i, number);
      if (count(i, number + 1) > before) {
        return new Draw(i, before);
      }
      number -= before;
    }
    return new Draw(shares.length, number);
  }

  /** ⌊n·share + phase⌋. */
  private long count(int source, long windows) {
    long high = Math.unsignedMultiplyHigh(windows, shares[source]);
    long low = windows * shares[source];
    boolean carry = Long.compareUnsigned(low + phases[source], low) < 0;
    return carry ? high + 1 : high;
  }
}
