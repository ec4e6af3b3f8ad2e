package dev.megalodon.kernels.operations;

import com.sun.management.ThreadMXBean;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import java.lang.management.ManagementFactory;

/** Prints the bytes that a run of the GEMM puts on the heap; argument: the precision's name. */
final class AllocationMain {
  private static final int WARM_UPS = 1000;
  private static final int RUNS = 20;
  private static final Sizes SIZES = new Sizes(4, 256, 128, 2, 32, 16, 256);

  private AllocationMain() {}

  public static void main(String[] args) {
    System.out.print(bytesPerRun(Operation.GEMM, Precision.byName(args[0])));
  }

  /** Bytes of a run on the heap, after as many runs as it takes to compile everything. */
  static long bytesPerRun(Operation operation, Precision precision) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (CpuDevice device = new CpuDevice(1, GemmProvider.VECTOR, precision)) {
      Prepared prepared = operation.prepare(device, SIZES, /* seed= */ 1);
      for (int i = 0; i < WARM_UPS; i++) {
        prepared.run();
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < RUNS; i++) {
        prepared.run();
      }
      return (threads.getCurrentThreadAllocatedBytes() - before) / RUNS;
    }
  }
}
