package dev.megalodon.trainer.model;

/**
 * Random numbers by index: the i-th is SplitMix64's mix (Steele, Lea and Flood 2014) of a key and
 * i, so any of them can be had without those before it, with the same bits on every machine.
 */
record RandomStream(long key) {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
  private static final double UNIT = 0x1p-53;

  /** The stream of a name. */
  static RandomStream named(long seed, String name) {
    long key = mix(seed + GOLDEN_GAMMA);
    for (int i = 0; i < name.length(); i++) {
      key = mix((key ^ name.charAt(i)) + GOLDEN_GAMMA);
    }
    return new RandomStream(key);
  }

  /** Another stream, a function of this one. */
  RandomStream next() {
    return new RandomStream(mix(key ^ GOLDEN_GAMMA));
  }

  /** The i-th number, uniform in [0, 1). */
  double uniform(long i) {
    return (mix(key + (i + 1) * GOLDEN_GAMMA) >>> 11) * UNIT;
  }

  /** The i-th standard normal number, by Box and Muller's transform. */
  double gaussian(long i) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform(2 * i)));
    return radius * StrictMath.cos(2 * Math.PI * uniform(2 * i + 1));
  }

  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
