package dev.megalodon.trainer.parallel.aeron;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * How one process runs Aeron.
 *
 * @param address IP address that peers send to and that this process binds
 * @param port UDP port
 * @param directory where the media driver keeps its buffers; memory-backed, exclusively its own
 * @param mtu datagram payload in bytes, a multiple of 32; empty: from the network interface
 * @param termBytes length of one of the three buffers of a lane, a power of two of at least 64 KiB;
 *     the links of a lane share it
 */
public record AeronSettings(
    String address, int port, Path directory, OptionalInt mtu, int termBytes) {
  private static final int TERM_BYTES = 1 << 20;
  private static final int TERMS = 3;
  private static final int SMALLEST_TERM_BYTES = 1 << 16;

  /**
   * What suits a pod: the interface's MTU, and buffers small enough for the 64 MB of {@code
   * /dev/shm} that a container has by default (6 MB per lane and epoch).
   */
  public static AeronSettings forPod(String address, int port) {
    Path memory = Path.of("/dev/shm");
    Path root =
        Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    Path directory = root.resolve("megalodon-" + ProcessHandle.current().pid() + "-" + port);
    return new AeronSettings(address, port, directory, OptionalInt.empty(), TERM_BYTES);
  }

  /** Bytes of memory-backed buffers that one end of one link takes, in a pod. */
  public static long linkBytes() {
    return (long) TERMS * TERM_BYTES;
  }

  /** The same with another folder. */
  public AeronSettings withDirectory(Path other) {
    return new AeronSettings(address, port, other, mtu, termBytes);
  }

  /** The same with a fixed datagram payload. */
  public AeronSettings withMtu(int bytes) {
    return new AeronSettings(address, port, directory, OptionalInt.of(bytes), termBytes);
  }

  /**
   * The term of one of {@code links} links that share {@code termBytes}: a power of two, not less
   * than the smallest there is.
   */
  static int shareOfTerm(int termBytes, int links) {
    return Math.max(SMALLEST_TERM_BYTES, Integer.highestOneBit(termBytes / links));
  }
}
