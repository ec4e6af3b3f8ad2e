package dev.megalodon.trainer.cli;

import dev.megalodon.kernels.safetensors.Elements;
import dev.megalodon.trainer.interchange.NamedTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A tensor in a few numbers; those that are not finite are only counted.
 *
 * @param mean of the finite elements
 * @param rootMeanSquare of the finite elements
 * @param minimum of the finite elements
 * @param maximum of the finite elements
 * @param sum of the finite elements, from the first to the last in double precision
 * @param sumOfMagnitudes of the finite elements: what the error of the sum is to be measured by
 * @param notFinite how many are infinite or no number
 */
record TensorStatistics(
    double mean,
    double rootMeanSquare,
    double minimum,
    double maximum,
    double sum,
    double sumOfMagnitudes,
    long notFinite) {
  private static final long PIECE = 1 << 20;

  /**
   * Reads a tensor piece by piece: it may be larger than the heap.
   *
   * @throws IOException when it cannot be read, naming it
   */
  static TensorStatistics of(NamedTensor tensor) throws IOException {
    Sums sums = new Sums();
    int width = tensor.type().bytes();
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment bytes = tensor.bytes(scratch);
      for (long from = 0; from < tensor.elements(); from += PIECE) {
        int count = (int) Math.min(PIECE, tensor.elements() - from);
        MemorySegment some = bytes.asSlice(from * width, (long) count * width);
        for (double value : Elements.doubles(some, tensor.type(), count)) {
          sums.add(value);
        }
      }
    }
    return sums.statistics();
  }

  private static final class Sums {
    private double sum;
    private double magnitudes;
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
      magnitudes += Math.abs(value);
      squares += value * value;
      minimum = Math.min(minimum, value);
      maximum = Math.max(maximum, value);
    }

    TensorStatistics statistics() {
      return new TensorStatistics(
          sum / finite, Math.sqrt(squares / finite), minimum, maximum, sum, magnitudes, notFinite);
    }
  }
}
