package dev.megalodon.kernels.golden;

import java.util.ArrayList;
import java.util.List;

/**
 * A piece of a sequence.
 *
 * @param from first step
 * @param length steps
 */
record Slice(long from, long length) {
  /** Cuts a sequence into unequal slices, as many as there are steps at most. */
  static List<Slice> cut(long length, int count) {
    List<Slice> slices = new ArrayList<>();
    long from = 0;
    for (int i = 1; i <= count; i++) {
      long to = i == count ? length : length * i * i / ((long) count * count);
      if (to > from) {
        slices.add(new Slice(from, to - from));
        from = to;
      }
    }
    return slices;
  }
}
