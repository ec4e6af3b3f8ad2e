package dev.megalodon.trainer.parallel.cost;

import dev.megalodon.trainer.parallel.Collectives;

/**
 * What a message costs between two ranks of a chunk group.
 *
 * @param latencyNanos nanoseconds until the first byte is there
 * @param nanosPerMebibyte nanoseconds in which a rank sends 1,048,576 bytes, to one or to several
 */
public record LinkSpeed(long latencyNanos, long nanosPerMebibyte) {
  private static final long MEBIBYTE = 1 << 20;

  /** Checks the numbers. */
  public LinkSpeed {
    if (latencyNanos < 0 || nanosPerMebibyte < 0) {
      throw new IllegalArgumentException(
          "no message takes %d ns and %d ns per MiB".formatted(latencyNanos, nanosPerMebibyte));
    }
  }

  /** Nanoseconds until the last of {@code bytes} bytes that a rank sends is there, rounded up. */
  public long nanosFor(long bytes) {
    long sending = Math.ceilDiv(Math.multiplyExact(bytes, nanosPerMebibyte), MEBIBYTE);
    return Math.addExact(latencyNanos, sending);
  }

  /** The slowest of all ranks' numbers; every rank calls it and gets the same. */
  public LinkSpeed slowest(Collectives collectives) {
    long[] agreed = Agreement.largest(collectives, latencyNanos, nanosPerMebibyte);
    return new LinkSpeed(agreed[0], agreed[1]);
  }
}
