package dev.megalodon.trainer.parallel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What every message starts with, 32 bytes of four little-endian longs. It proves that a message
 * belongs to the epoch, to the operation, and to the place in it where the receiver is.
 *
 * @param epoch the epoch both ranks are in
 * @param operation operations of this epoch so far, with the kind of operation in the upper byte
 * @param position payload bytes of this operation that were sent on the link before this message
 * @param total payload bytes that the operation sends on the link in all
 */
public record MessageHeader(long epoch, long operation, long position, long total) {
  /** Bytes of a header. */
  public static final int BYTES = 32;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Reads a header. */
  public static MessageHeader read(MemorySegment memory, long offset) {
    return new MessageHeader(
        memory.get(LONG, offset),
        memory.get(LONG, offset + 8),
        memory.get(LONG, offset + 16),
        memory.get(LONG, offset + 24));
  }

  /** Writes this header. */
  public void write(MemorySegment memory, long offset) {
    memory.set(LONG, offset, epoch);
    memory.set(LONG, offset + 8, operation);
    memory.set(LONG, offset + 16, position);
    memory.set(LONG, offset + 24, total);
  }
}
