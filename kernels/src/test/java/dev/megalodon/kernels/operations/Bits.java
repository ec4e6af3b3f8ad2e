package dev.megalodon.kernels.operations;

import dev.megalodon.kernels.Device;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.zip.CRC32C;

/** Checksums of results down to the last bit. */
final class Bits {
  private static final long SEED = 77;

  private Bits() {}

  /** Runs an operation on fresh inputs. */
  static long checksum(Device device, Operation operation, Sizes sizes) {
    Prepared prepared = operation.prepare(device, sizes, SEED);
    prepared.run();
    return checksum(prepared.results());
  }

  private static long checksum(Map<String, double[]> results) {
    CRC32C checksum = new CRC32C();
    results.forEach(
        (name, values) -> {
          ByteBuffer bytes = ByteBuffer.allocate(values.length * Double.BYTES);
          bytes.asDoubleBuffer().put(values);
          checksum.update(bytes);
        });
    return checksum.getValue();
  }
}
