package dev.megalodon.trainer.parallel.cost;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.parallel.Collectives;
import java.lang.foreign.MemorySegment;

/** Makes ranks that measured different numbers go on with the same ones. */
final class Agreement {
  private static final long LARGEST_EXACT = 1L << 53;

  private Agreement() {}

  /**
   * The largest of all ranks' values, place by place.
   *
   * @param own up to 2^53 each, as many on every rank
   */
  static long[] largest(Collectives collectives, long... own) {
    double[] all = new double[collectives.worldSize() * own.length]; // (rank, value)
    for (int i = 0; i < own.length; i++) {
      all[collectives.rank() * own.length + i] = requireExact(own[i]);
    }
    collectives.allGather(new Tensor(ElementType.FLOAT64, MemorySegment.ofArray(all), all.length));
    long[] largest = new long[own.length];
    for (int i = 0; i < all.length; i++) {
      int place = i % own.length;
      largest[place] = Math.max(largest[place], (long) all[i]);
    }
    return largest;
  }

  private static long requireExact(long value) {
    if (value < 0 || value > LARGEST_EXACT) {
      throw new IllegalArgumentException("ranks agree on numbers from 0 to 2^53, not on " + value);
    }
    return value;
  }
}
