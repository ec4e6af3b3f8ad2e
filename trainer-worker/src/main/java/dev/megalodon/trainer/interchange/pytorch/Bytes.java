package dev.megalodon.trainer.interchange.pytorch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Little-endian numbers of a file, each read only where there is one.
 *
 * @param file named in errors
 * @param what part of the file this is, named in errors
 * @param segment the bytes
 */
record Bytes(Path file, String what, MemorySegment segment) {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  long size() {
    return segment.byteSize();
  }

  int unsignedByte(long at) throws PytorchFileException {
    require(at, Byte.BYTES);
    return Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, at));
  }

  int unsignedShort(long at) throws PytorchFileException {
    require(at, Short.BYTES);
    return Short.toUnsignedInt(segment.get(SHORT, at));
  }

  int signedInt(long at) throws PytorchFileException {
    require(at, Integer.BYTES);
    return segment.get(INT, at);
  }

  long unsignedInt(long at) throws PytorchFileException {
    return Integer.toUnsignedLong(signedInt(at));
  }

  /**
   * A length or an offset.
   *
   * @throws PytorchFileException also when it is 2^63 or more
   */
  long length(long at) throws PytorchFileException {
    require(at, Long.BYTES);
    long value = segment.get(LONG, at);
    if (value < 0) {
      throw damaged("the number at byte %d is too large".formatted(at));
    }
    return value;
  }

  byte[] copy(long at, long count) throws PytorchFileException {
    return slice(at, count).toArray(ValueLayout.JAVA_BYTE);
  }

  MemorySegment slice(long at, long count) throws PytorchFileException {
    require(at, count);
    return segment.asSlice(at, count);
  }

  PytorchFileException damaged(String problem) {
    return new PytorchFileException(file, what + ": " + problem);
  }

  private void require(long at, long count) throws PytorchFileException {
    // Written so that nothing can overflow: at and count may be anything.
    boolean inside = at >= 0 && count >= 0 && at <= size() && count <= size() - at;
    if (!inside) {
      throw damaged("%d bytes at byte %d are beyond its end at %d".formatted(count, at, size()));
    }
  }
}
