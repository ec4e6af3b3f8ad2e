package dev.megalodon.kernels.host;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.megalodon.kernels.Tensor;

/** Single elements of tensors in host memory, by their row-major index. Slow and plain. */
public final class HostElements {
  private HostElements() {}

  /**
   * An element of a floating tensor.
   *
   * @throws IllegalArgumentException when the tensor has another type
   */
  public static double get(Tensor tensor, long index) {
    return switch (tensor.type()) {
      case FLOAT64 -> tensor.memory().getAtIndex(JAVA_DOUBLE, index);
      case FLOAT32 -> tensor.memory().getAtIndex(JAVA_FLOAT, index);
      case BFLOAT16 -> Bfloat16.widen(tensor.memory().getAtIndex(JAVA_SHORT, index));
      default -> throw notFloating(tensor);
    };
  }

  /**
   * Sets an element of a floating tensor, rounding to nearest: for BFLOAT16 to a single first, so
   * that it is what a FLOAT32 tensor of the same numbers rounds to.
   *
   * @throws IllegalArgumentException when the tensor has another type
   */
  public static void set(Tensor tensor, long index, double value) {
    switch (tensor.type()) {
      case FLOAT64 -> tensor.memory().setAtIndex(JAVA_DOUBLE, index, value);
      case FLOAT32 -> tensor.memory().setAtIndex(JAVA_FLOAT, index, (float) value);
      case BFLOAT16 ->
          tensor.memory().setAtIndex(JAVA_SHORT, index, Bfloat16.narrow((float) value));
      default -> throw notFloating(tensor);
    }
  }

  /** Adds to an element of a floating tensor. */
  public static void addTo(Tensor tensor, long index, double value) {
    set(tensor, index, get(tensor, index) + value);
  }

  /** An element of an INT32 tensor. */
  public static int getInt(Tensor tensor, long index) {
    return tensor.memory().getAtIndex(JAVA_INT, index);
  }

  /** An element of a UINT8 tensor. */
  public static int getByte(Tensor tensor, long index) {
    return Byte.toUnsignedInt(tensor.memory().get(JAVA_BYTE, index));
  }

  private static IllegalArgumentException notFloating(Tensor tensor) {
    return new IllegalArgumentException(tensor + " holds no floating type");
  }
}
