package dev.megalodon.trainer.interchange.pytorch;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle, read from the beginning. */
final class PickleInput {
  private static final int MAX_TEXT_BYTES = 4_096;
  private static final int MAX_LINE_BYTES = 256;

  private final Bytes bytes;
  private long next;
  private long opcodeAt;

  PickleInput(Bytes bytes) {
    this.bytes = bytes;
  }

  /** The code of the next instruction, whose place errors name from now on. */
  int opcode() throws PytorchFileException {
    opcodeAt = next;
    return unsignedByte();
  }

  boolean isAtEnd() {
    return next == bytes.size();
  }

  int unsignedByte() throws PytorchFileException {
    return bytes.unsignedByte(advance(1));
  }

  int unsignedShort() throws PytorchFileException {
    return bytes.unsignedShort(advance(2));
  }

  int signedInt() throws PytorchFileException {
    return bytes.signedInt(advance(4));
  }

  /** A little-endian number in two's complement after a byte that says how many bytes it has. */
  long shortLong() throws PytorchFileException {
    int count = unsignedByte();
    if (count > Long.BYTES) {
      throw refused("an integer of %d bytes".formatted(count));
    }
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (long) unsignedByte() << (8 * i);
    }
    int unused = 8 * (Long.BYTES - count);
    return count == 0 ? 0 : value << unused >> unused;
  }

  /** UTF-8 after its length in four bytes. */
  String text() throws PytorchFileException {
    long count = bytes.unsignedInt(advance(4));
    if (count > MAX_TEXT_BYTES) {
      throw refused("a string of %d bytes; %d are allowed".formatted(count, MAX_TEXT_BYTES));
    }
    return decode(bytes.copy(advance(count), count));
  }

  /** Text up to the end of the line. */
  String line() throws PytorchFileException {
    long from = next;
    while (unsignedByte() != '\n') {
      if (next - from > MAX_LINE_BYTES) {
        throw refused("a name of more than %d bytes".formatted(MAX_LINE_BYTES));
      }
    }
    return decode(bytes.copy(from, next - 1 - from));
  }

  private String decode(byte[] text) throws PytorchFileException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
    } catch (CharacterCodingException e) {
      throw refused("text that is not UTF-8");
    }
  }

  private long advance(long count) {
    long from = next;
    next += count;
    return from;
  }

  /** An error that names the place of the current instruction. */
  PytorchFileException refused(String what) {
    return bytes.damaged("%s at byte %d is refused".formatted(what, opcodeAt));
  }
}
