package dev.megalodon.trainer.cli;

import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.kernels.safetensors.TensorInfo;
import java.io.IOException;

/**
 * A tensor in a few numbers; those that are not finite are only counted.
 *
 * @param mean of the finite elements
 * @param rootMeanSquare of the finite elements
 * @param minimum of the finite elements
 * @param maximum of the finite elements
 * @param notFinite how many are infinite or no number
 */
record TensorStatistics(
    double mean, double rootMeanSquare, double minimum, double maximum, long notFinite) {
  private static final int PIECE = 1 << 20;

  /** Reads a tensor piece by piece: it may be larger than the heap. */
  static TensorStatistics of(SafetensorsFile file, TensorInfo tensor) throws IOException {
    Sums sums = new Sums();
    for (long from = 0; from < tensor.elements(); from += PIECE) {
      int count = (int) Math.min(PIECE, tensor.elements() - from);
      for (double value : file.doubles(tensor.name(), from, count)) {
        sums.add(value);
      }
    }
    return sums.statistics();
  }

  private static final class Sums {
    private double sum;
    private double squares;
    private double minimum = Double.POSITIVE_INFINITY;
    private double maximum = Double.NEGATIVE_INFINITY;
    private long finite;
    private long notFinite;

    void add(double value) {
      if (!Double.isFinite(value)) {
        notFinite++;
        return;
      }
      finite++;
      sum += value;
      squares += value * value;
      minimum = Math.min(minimum, value);
      maximum = Math.max(maximum, value);
    }

    TensorStatistics statistics() {
      return new TensorStatistics(
          sum / finite, Math.sqrt(squares / finite), minimum, maximum, notFinite);
    }
  }
}
