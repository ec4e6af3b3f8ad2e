package dev.megalodon.trainer.data.order;

/** Hashes: every input bit moves every output bit. */
final class Mixer {
  private Mixer() {}

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
  static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** One number from several. */
  static long mix(long first, long... others) {
    long mixed = mix(first);
    for (long other : others) {
      mixed = mix(mixed + other);
    }
    return mixed;
  }

  /** A number from 0 to bound − 1, as evenly as 64 bits allow. */
  static long below(long bound, long hash) {
    return Math.unsignedMultiplyHigh(hash, bound);
  }
}
