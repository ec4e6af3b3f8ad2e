package dev.megalodon.trainer.data;

/**
 * Chooses where the windows of a batch begin. A pure function, so that a run may stop and go on
 * anywhere, on any number of ranks, and see the same text: the position in the data is the step.
 */
@FunctionalInterface
public interface WindowSampler {
  /**
   * The first byte of a window.
   *
   * @param step step of the run, counted from 0
   * @param index sequence in the global batch, counted from 0
   * @param positions how many first bytes there are to choose from
   * @return 0 to positions − 1
   */
  long offset(long step, int index, long positions);

  /** Uniform choice, with replacement, from a hash of (seed, step, index). */
  static WindowSampler uniform(long seed) {
    return (step, index, positions) ->
        Math.unsignedMultiplyHigh(mix(mix(mix(seed) + step) + index), positions);
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every input bit moves every bit. */
  private static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
