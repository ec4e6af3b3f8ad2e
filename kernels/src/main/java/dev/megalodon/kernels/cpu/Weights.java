package dev.megalodon.kernels.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.host.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/**
 * Parameters as kernels want them: rows of singles, padded with zeros, whether they are stored as
 * FLOAT32 or as BFLOAT16. Whole rows of parameters are read here and nowhere else.
 */
final class Weights {
  private Weights() {}

  /** Copies {@code width} elements to a place in {@code rows} and pads them. */
  static void load(Tensor parameter, long from, int width, float[] rows, int at) {
    if (parameter.type() == ElementType.BFLOAT16) {
      Bfloat16.widen(parameter.memory(), 2 * from, rows, at, width);
    } else {
      MemorySegment.copy(parameter.memory(), JAVA_FLOAT, 4 * from, rows, at, width);
    }
    Arrays.fill(rows, at + width, at + Lanes.padded(width), 0);
  }

  /** w + 1 in the first elements of a row, 0 in its padding. */
  static void loadPlusOne(Tensor weight, long from, int width, float[] rows, int at) {
    load(weight, from, width, rows, at);
    for (int i = at; i < at + width; i++) {
      rows[i]++;
    }
  }

  /** As {@link #loadPlusOne}, all ones where there is no weight. */
  static void loadPlusOne(Optional<Tensor> weight, int width, float[] row) {
    if (weight.isPresent()) {
      loadPlusOne(weight.get(), 0, width, row, 0);
      return;
    }
    Arrays.fill(row, 0, width, 1);
    Arrays.fill(row, width, Lanes.padded(width), 0);
  }
}
