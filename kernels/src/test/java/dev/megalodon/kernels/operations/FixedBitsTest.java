package dev.megalodon.kernels.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.kernels.cpu.CpuDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The cpu's bits depend on the inputs alone: not on threads, repetition, the JIT compiler or the
 * width of the machine's vectors.
 */
class FixedBitsTest {
  /** Small enough to interpret. */
  static final List<Sizes> SMALL = List.of(Sizes.ODD, new Sizes(1, 66, 66, 1, 3, 3, 33));

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(Operation.class)
  void shouldNotDependOnThreads(Operation operation) {
    try (CpuDevice one = new CpuDevice(1);
        CpuDevice two = new CpuDevice(2);
        CpuDevice three = new CpuDevice(3)) {
      for (Sizes sizes : Sizes.all()) {
        long expected = Bits.checksum(one, operation, sizes);
        assertEquals(expected, Bits.checksum(two, operation, sizes), "2 threads, " + sizes);
        assertEquals(expected, Bits.checksum(three, operation, sizes), "3 threads, " + sizes);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Operation.class)
  void shouldNotDependOnRepetition(Operation operation) {
    try (CpuDevice device = new CpuDevice(2)) {
      long expected = Bits.checksum(device, operation, Sizes.OVERHANGING);
      for (int i = 0; i < 5; i++) {
        assertEquals(expected, Bits.checksum(device, operation, Sizes.OVERHANGING));
      }
    }
  }

  /** Runs of an operation before the one that counts, so that it is compiled by then. */
  private static final int WARM_UPS = 200;

  /** Java machines whose bits may not differ from this one's. */
  private enum Machine {
    INTERPRETED(0, "-Xint"),
    QUICKLY_COMPILED(WARM_UPS / 10, "-XX:TieredStopAtLevel=1"),
    OPTIMIZED(WARM_UPS),
    HALF_AS_WIDE(WARM_UPS, "-XX:UseAVX=2"),
    A_QUARTER_AS_WIDE(WARM_UPS, "-XX:UseAVX=2", "-XX:MaxVectorSize=16");

    private final int warmUps;
    private final List<String> flags;

    Machine(int warmUps, String... flags) {
      this.warmUps = warmUps;
      this.flags = List.of(flags);
    }
  }

  @ParameterizedTest
  @EnumSource(Machine.class)
  void shouldNotDependOnCompilerOrVectorWidth(Machine machine)
      throws IOException, InterruptedException {
    assertEquals(BitsMain.report(/* warmUps= */ 0), report(machine));
  }

  /** What {@link BitsMain} prints in another Java machine. */
  private String report(Machine machine) throws IOException, InterruptedException {
    return new JavaMachine(machine.flags)
        .output(BitsMain.class, Integer.toString(machine.warmUps), directory);
  }
}
