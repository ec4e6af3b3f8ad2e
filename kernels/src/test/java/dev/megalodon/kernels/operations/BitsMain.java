package dev.megalodon.kernels.operations;

import dev.megalodon.kernels.cpu.CpuDevice;

/** Prints the checksum of every operation; argument: how often to run it before. */
final class BitsMain {
  private BitsMain() {}

  public static void main(String[] args) {
    System.out.print(report(Integer.parseInt(args[0])));
  }

  /** One line per operation and size. */
  static String report(int warmUps) {
    StringBuilder report = new StringBuilder();
    try (CpuDevice device = new CpuDevice(1)) {
      for (Operation operation : Operation.values()) {
        for (Sizes sizes : FixedBitsTest.SMALL) {
          for (int i = 0; i < warmUps; i++) {
            Bits.checksum(device, operation, sizes);
          }
          long checksum = Bits.checksum(device, operation, sizes);
          report.append("%s %s %x%n".formatted(operation, sizes, checksum));
        }
      }
    }
    return report.toString();
  }
}
