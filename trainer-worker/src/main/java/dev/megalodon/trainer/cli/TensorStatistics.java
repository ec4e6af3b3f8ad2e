package dev.megalodon.trainer.cli;

import dev.megalodon.kernels.safetensors.Elements;
import dev.megalodon.trainer.interchange.NamedTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A tensor in a few numbers; those of its elements that are not finite are only counted. */
final class TensorStatistics {
  private static final long AT_ONCE = 1 << 20;

  private long finite;
  private long notFinite;
  private double sum;
  private double magnitudes;
  private double squares;
  private double minimum = Double.POSITIVE_INFINITY;
  private double maximum = Double.NEGATIVE_INFINITY;

  private TensorStatistics() {}

  /**
   * Reads a tensor from its first element to its last, which is the order of the sums.
   *
   * @throws IOException when it cannot be read, naming it
   */
  static TensorStatistics of(NamedTensor tensor) throws IOException {
    TensorStatistics statistics = new TensorStatistics();
    int width = tensor.type().bytes();
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment bytes = tensor.bytes(scratch);
      for (long from = 0; from < tensor.elements(); from += AT_ONCE) {
        int count = (int) Math.min(AT_ONCE, tensor.elements() - from);
        MemorySegment some = bytes.asSlice(from * width, (long) count * width);
        statistics.add(Elements.doubles(some, tensor.type(), count));
      }
    }
    return statistics;
  }

  private void add(double[] values) {
    for (double value : values) {
      if (!Double.isFinite(value)) {
        notFinite++;
        continue;
      }
      finite++;
      sum += value;
      magnitudes += Math.abs(value);
      squares += value * value;
      minimum = Math.min(minimum, value);
      maximum = Math.max(maximum, value);
    }
  }

  double sum() {
    return sum;
  }

  /** Sum of absolute values: what the error of {@link #sum} is to be measured by. */
  double sumOfMagnitudes() {
    return magnitudes;
  }

  double mean() {
    return sum / finite;
  }

  double rootMeanSquare() {
    return Math.sqrt(squares / finite);
  }

  double minimum() {
    return minimum;
  }

  double maximum() {
    return maximum;
  }

  long notFinite() {
    return notFinite;
  }
}
