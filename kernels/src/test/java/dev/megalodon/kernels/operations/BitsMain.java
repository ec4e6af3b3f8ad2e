package dev.megalodon.kernels.operations;

import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import java.util.List;

/** Prints the checksum of every operation; argument: how often to run it before. */
final class BitsMain {
  /** Each of the ways in which BFLOAT16 is read. */
  private static final List<Operation> READING_PARAMETERS =
      List.of(Operation.GEMM, Operation.EMBEDDING, Operation.COLUMNS);

  private BitsMain() {}

  public static void main(String[] args) {
    System.out.print(report(Integer.parseInt(args[0])));
  }

  /** One line per precision, operation and size. */
  static String report(int warmUps) {
    StringBuilder report = new StringBuilder();
    append(report, Precision.FP32, List.of(Operation.values()), warmUps);
    append(report, Precision.BF16, READING_PARAMETERS, warmUps);
    return report.toString();
  }

  private static void append(
      StringBuilder report, Precision precision, List<Operation> operations, int warmUps) {
    try (CpuDevice device = new CpuDevice(1, GemmProvider.VECTOR, precision)) {
      for (Operation operation : operations) {
        for (Sizes sizes : FixedBitsTest.SMALL) {
          for (int i = 0; i < warmUps; i++) {
            Bits.checksum(device, operation, sizes);
          }
          long checksum = Bits.checksum(device, operation, sizes);
          report.append("%s %s %s %x%n".formatted(precision, operation, sizes, checksum));
        }
      }
    }
  }
}
