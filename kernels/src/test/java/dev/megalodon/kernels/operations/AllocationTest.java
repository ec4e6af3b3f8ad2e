package dev.megalodon.kernels.operations;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Vectors that the compiler fails to keep in registers become objects, some hundred bytes for every
 * 16 elements, and the operation 10 to 20 times slower. Its results stay right, so only the
 * allocated bytes tell.
 */
class AllocationTest {
  private static final int WARM_UPS = 1000;
  private static final int RUNS = 20;
  private static final Sizes SIZES = new Sizes(4, 256, 128, 2, 32, 16, 256);

  /**
   * A box per vector of one tensor would be some 800 KB. What remains are closures, segment slices
   * and small arrays per call or block, most of them by CEMA's {@code StrictMath} sines.
   */
  private static final long BYTES_PER_RUN = 256 * 1024;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @EnumSource(Operation.class)
  void shouldNotBoxVectors(Operation operation) {
    check(operation, Precision.FP32);
  }

  /** Those that read parameters or factors in each of the ways there are. */
  @ParameterizedTest
  @EnumSource(names = {"GEMM", "EMBEDDING", "COLUMNS"})
  void shouldNotBoxVectorsOfBfloat16(Operation operation) {
    check(operation, Precision.BF16);
  }

  private void check(Operation operation, Precision precision) {
    try (CpuDevice device = new CpuDevice(1, GemmProvider.VECTOR, precision)) {
      Prepared prepared = operation.prepare(device, SIZES, /* seed= */ 1);
      for (int i = 0; i < WARM_UPS; i++) {
        prepared.run();
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < RUNS; i++) {
        prepared.run();
      }
      long perRun = (threads.getCurrentThreadAllocatedBytes() - before) / RUNS;
      assertTrue(
          perRun <= BYTES_PER_RUN,
          () -> operation + " allocates " + perRun + " bytes a run, more than " + BYTES_PER_RUN);
    }
  }
}
