package dev.megalodon.trainer.data.order;

/**
 * A permutation of 0 to size − 1 that needs no memory: a balanced Feistel network (Luby and Rackoff
 * 1988) over the next even number of bits, walked on until a value lies in the range (Black and
 * Rogaway 2002); four steps at most on average.
 *
 * @param size how many numbers, 1 or more
 * @param key another key, another permutation
 */
record KeyedPermutation(long size, long key) {
  private static final int ROUNDS = 6;

  /** Where number {@code index} goes. */
  long at(long index) {
    long value = index;
    do {
      value = network(value);
    } while (value >= size);
    return value;
  }

  private long network(long value) {
    int half = halfBits();
    long mask = (1L << half) - 1;
    long left = value >>> half;
    long right = value & mask;
    for (int round = 0; round < ROUNDS; round++) {
      long next = left ^ (Mixer.mix(key, round, right) & mask);
      left = right;
      right = next;
    }
    return left << half | right;
  }

  private int halfBits() {
    int bits = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
    return Math.max(1, (bits + 1) / 2);
  }
}
