package dev.megalodon.kernels.operations;

import com.sun.management.ThreadMXBean;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import java.lang.management.ManagementFactory;

/** Prints the bytes that a run of the GEMM puts on the heap; argument: the precision's name. */
final class AllocationMain {
  /**
   * A box per vector of one tensor would be some 800 KB. What remains are closures, segment slices
   * and small arrays per call or block, most of them by CEMA's {@code StrictMath} sines.
   */
  static final long LIMIT = 256 * 1024;

  private static final int WARM_UPS = 1000;
  private static final int RUNS = 20;
  private static final int BATCHES = 20;
  private static final Sizes SIZES = new Sizes(4, 256, 128, 2, 32, 16, 256);

  private AllocationMain() {}

  public static void main(String[] args) {
    System.out.print(bytesPerRun(Operation.GEMM, Precision.byName(args[0])));
  }

  /**
   * Bytes of a run on the heap once everything is compiled. On a busy machine the compiler may be
   * far behind; an operation that boxes does so in every batch, one that waits for the compiler
   * only until it is done.
   */
  static long bytesPerRun(Operation operation, Precision precision) {
    try (CpuDevice device = new CpuDevice(1, GemmProvider.VECTOR, precision)) {
      Prepared prepared = operation.prepare(device, SIZES, /* seed= */ 1);
      run(prepared, WARM_UPS);
      long least = bytesPerRun(prepared);
      for (int batch = 1; batch < BATCHES && least > LIMIT; batch++) {
        run(prepared, WARM_UPS / BATCHES);
        least = Math.min(least, bytesPerRun(prepared));
      }
      return least;
    }
  }

  private static long bytesPerRun(Prepared prepared) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    run(prepared, RUNS);
    return (threads.getCurrentThreadAllocatedBytes() - before) / RUNS;
  }

  private static void run(Prepared prepared, int times) {
    for (int i = 0; i < times; i++) {
      prepared.run();
    }
  }
}
