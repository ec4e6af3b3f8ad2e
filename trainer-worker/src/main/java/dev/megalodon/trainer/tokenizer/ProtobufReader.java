package dev.megalodon.trainer.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a protobuf message field by field (protobuf.dev, "Encoding"). A field that is not asked for
 * is passed over. What is no protobuf is an {@link IllegalArgumentException}.
 */
final class ProtobufReader {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;
  private static final int LONGEST_VARINT = 10;

  private final ByteBuffer message;
  private int field;
  private int type;
  private long number;
  private ByteBuffer bytes = ByteBuffer.allocate(0);

  ProtobufReader(ByteBuffer message) {
    this.message = message.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Goes to the next field; false at the end. */
  boolean next() {
    if (!message.hasRemaining()) {
      return false;
    }
    long tag = varint();
    field = (int) (tag >>> 3);
    type = (int) (tag & 7);
    switch (type) {
      case VARINT -> number = varint();
      case FIXED64 -> number = take(Long.BYTES).getLong();
      case BYTES -> bytes = take(varint());
      case FIXED32 -> number = take(Integer.BYTES).getInt();
      default -> throw new IllegalArgumentException("wire type " + type + " is unknown");
    }
    return true;
  }

  private ByteBuffer take(long count) {
    if (count < 0 || count > message.remaining()) {
      throw new IllegalArgumentException("a field is longer than its message");
    }
    ByteBuffer taken = message.slice(message.position(), (int) count);
    message.position(message.position() + (int) count);
    return taken.order(ByteOrder.LITTLE_ENDIAN);
  }

  private long varint() {
    long value = 0;
    for (int i = 0; i < LONGEST_VARINT; i++) {
      byte part = take(1).get();
      value |= (long) (part & 0x7F) << (7 * i);
      if (part >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number is longer than 64 bits");
  }

  /** Whether this field has the number and is a message, string or bytes. */
  boolean isBytes(int wanted) {
    return field == wanted && type == BYTES;
  }

  /** Whether this field has the number and is an integer. */
  boolean isInteger(int wanted) {
    return field == wanted && type == VARINT;
  }

  /** Whether this field has the number and is a float. */
  boolean isFloat(int wanted) {
    return field == wanted && type == FIXED32;
  }

  long integer() {
    return number;
  }

  float real() {
    return Float.intBitsToFloat((int) number);
  }

  ByteBuffer bytes() {
    return bytes;
  }
}
