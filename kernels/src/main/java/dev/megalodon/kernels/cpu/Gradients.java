package dev.megalodon.kernels.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.megalodon.kernels.Tensor;
import java.lang.foreign.MemorySegment;

/** Sums in double onto gradients in single precision. */
final class Gradients {
  private Gradients() {}

  /** gradient[from + k] += sums[k] for k below count. */
  static void add(double[] sums, int count, Tensor gradient, long from) {
    MemorySegment memory = gradient.memory();
    for (int k = 0; k < count; k++) {
      double before = memory.getAtIndex(JAVA_FLOAT, from + k);
      memory.setAtIndex(JAVA_FLOAT, from + k, (float) (before + sums[k]));
    }
  }
}
