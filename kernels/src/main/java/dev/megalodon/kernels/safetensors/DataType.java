package dev.megalodon.kernels.safetensors;

import dev.megalodon.kernels.ElementType;
import java.util.Optional;

/** Element types of the format, by the names that stand in its header. */
public enum DataType {
  /** One byte, 0 or 1. */
  BOOL(1),
  /** Unsigned byte. */
  U8(1),
  /** Signed byte. */
  I8(1),
  /** Signed 16-bit integer. */
  I16(2),
  /** Unsigned 16-bit integer. */
  U16(2),
  /** IEEE half. */
  F16(2),
  /** The upper half of an IEEE single. */
  BF16(2),
  /** Signed 32-bit integer. */
  I32(4),
  /** Unsigned 32-bit integer. */
  U32(4),
  /** IEEE single. */
  F32(4),
  /** Signed 64-bit integer. */
  I64(8),
  /** Unsigned 64-bit integer. */
  U64(8),
  /** IEEE double. */
  F64(8);

  private final int bytes;

  DataType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element. */
  public int bytes() {
    return bytes;
  }

  /** The type that stores a device's elements. */
  public static DataType of(ElementType type) {
    return switch (type) {
      case FLOAT64 -> F64;
      case FLOAT32 -> F32;
      case BFLOAT16 -> BF16;
      case INT32 -> I32;
      case UINT8 -> U8;
    };
  }

  /** The device's type with the same bytes, if there is one. */
  public Optional<ElementType> elementType() {
    return switch (this) {
      case F64 -> Optional.of(ElementType.FLOAT64);
      case F32 -> Optional.of(ElementType.FLOAT32);
      case BF16 -> Optional.of(ElementType.BFLOAT16);
      case I32 -> Optional.of(ElementType.INT32);
      case U8, BOOL -> Optional.of(ElementType.UINT8);
      case I8, I16, U16, F16, U32, I64, U64 -> Optional.empty();
    };
  }
}
