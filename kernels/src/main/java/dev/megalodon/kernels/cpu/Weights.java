package dev.megalodon.kernels.cpu;

import dev.megalodon.kernels.Tensor;
import java.util.Arrays;
import java.util.Optional;

/** Parameter rows as kernels want them. */
final class Weights {
  private Weights() {}

  /** w + 1 in the first elements of a row, 0 in its padding. */
  static void loadPlusOne(Tensor weight, long from, int width, float[] row, int at) {
    float[] values = new float[Lanes.padded(width)];
    Tiles.load(weight, from, width, values);
    for (int i = 0; i < width; i++) {
      row[at + i] = values[i] + 1;
    }
    Arrays.fill(row, at + width, at + Lanes.padded(width), 0);
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
