package dev.megalodon.kernels.safetensors;

import dev.megalodon.kernels.host.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Elements of a segment as Java numbers. */
public final class Elements {
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Elements() {}

  /**
   * The first elements of a segment; 64-bit integers beyond 2^53 are rounded.
   *
   * @param source little-endian, need not be aligned
   */
  public static double[] doubles(MemorySegment source, DataType type, int length) {
    double[] result = new double[length];
    for (int i = 0; i < length; i++) {
      result[i] = element(source, type, i);
    }
    return result;
  }

  /**
   * One element as a double; 64-bit integers beyond 2^53 are rounded.
   *
   * @param source little-endian, need not be aligned
   * @param i number of the element, not of its first byte
   */
  public static double element(MemorySegment source, DataType type, long i) {
    return switch (type) {
      case F64 -> source.getAtIndex(DOUBLE, i);
      case F32 -> source.getAtIndex(FLOAT, i);
      case F16 -> Float.float16ToFloat(source.getAtIndex(SHORT, i));
      case BF16 -> Bfloat16.widen(source.getAtIndex(SHORT, i));
      case I64 -> source.getAtIndex(LONG, i);
      case U64 -> unsigned(source.getAtIndex(LONG, i));
      case I32 -> source.getAtIndex(INT, i);
      case U32 -> Integer.toUnsignedLong(source.getAtIndex(INT, i));
      case I16 -> source.getAtIndex(SHORT, i);
      case U16 -> Short.toUnsignedInt(source.getAtIndex(SHORT, i));
      case I8 -> source.get(ValueLayout.JAVA_BYTE, i);
      case U8, BOOL -> Byte.toUnsignedInt(source.get(ValueLayout.JAVA_BYTE, i));
    };
  }

  private static double unsigned(long value) {
    return value >= 0 ? value : (value >>> 1) * 2.0 + (value & 1);
  }
}
