package dev.megalodon.trainer.interchange;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.megalodon.kernels.host.Bfloat16;
import dev.megalodon.kernels.safetensors.DataType;
import dev.megalodon.kernels.safetensors.Elements;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Floating tensors in another precision, rounded to the nearest, ties to even. */
final class Conversion {
  private Conversion() {}

  /** Whether a type holds floating numbers that this program reads. */
  static boolean isFloating(DataType type) {
    return switch (type) {
      case F64, F32, F16, BF16 -> true;
      case BOOL, U8, I8, I16, U16, I32, U32, I64, U64 -> false;
    };
  }

  /**
   * The tensor as F32, F16 or BF16; integers stay as they are. Its bytes cannot be had when a
   * finite number is beyond the range of the type.
   */
  static NamedTensor to(DataType type, NamedTensor tensor) {
    if (tensor.type() == type || !isFloating(tensor.type())) {
      return tensor;
    }
    return tensor.with(type, tensor.dims(), scratch -> convert(tensor, type, scratch));
  }

  private static MemorySegment convert(NamedTensor tensor, DataType type, Arena scratch)
      throws IOException {
    MemorySegment from = tensor.bytes(scratch);
    MemorySegment to = scratch.allocate(tensor.elements() * type.bytes(), Long.BYTES);
    for (long i = 0; i < tensor.elements(); i++) {
      double value = Elements.element(from, tensor.type(), i);
      if (!write(to, type, i, value)) {
        throw new InterchangeException(
            "tensor '%s' has %s at element %d, beyond the range of %s"
                .formatted(tensor.name(), value, i, type));
      }
    }
    return to;
  }

  /**
   * Doubles are rounded to single first, as PyTorch does. Returns false when a finite value became
   * infinite.
   */
  private static boolean write(MemorySegment to, DataType type, long i, double exact) {
    float value = (float) exact;
    float written =
        switch (type) {
          case F32 -> {
            to.setAtIndex(JAVA_FLOAT_UNALIGNED, i, value);
            yield value;
          }
          case F16 -> {
            short bits = Float.floatToFloat16(value);
            to.setAtIndex(JAVA_SHORT_UNALIGNED, i, bits);
            yield Float.float16ToFloat(bits);
          }
          case BF16 -> {
            short bits = Bfloat16.narrow(value);
            to.setAtIndex(JAVA_SHORT_UNALIGNED, i, bits);
            yield Bfloat16.widen(bits);
          }
          default -> throw new IllegalArgumentException(type + " is not written");
        };
    return !Float.isInfinite(written) || Double.isInfinite(exact);
  }
}
