package dev.megalodon.kernels.shape;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import java.util.Optional;

/** Single checks, all of which throw {@link IllegalArgumentException} naming what does not fit. */
public final class Shapes {
  private Shapes() {}

  /** Checks a condition; the message is formatted only when it fails. */
  public static void require(boolean condition, String message, Object... arguments) {
    if (!condition) {
      throw new IllegalArgumentException(message.formatted(arguments));
    }
  }

  /** Checks a tensor's number of elements, whatever its shape. */
  public static void expect(String name, Tensor tensor, long size) {
    if (tensor.size() != size) {
      throw new IllegalArgumentException(
          "%s is %s, but this call needs %d elements".formatted(name, tensor, size));
    }
  }

  /** Checks a tensor's type and number of elements, whatever its shape. */
  public static void expect(String name, Tensor tensor, ElementType type, long size) {
    expect(name, tensor, size);
    if (tensor.type() != type) {
      throw new IllegalArgumentException("%s is %s, but must be %s".formatted(name, tensor, type));
    }
  }

  /** Checks a tensor's number of elements when there is one. */
  public static void expect(String name, Optional<Tensor> tensor, long size) {
    if (tensor.isPresent()) {
      expect(name, tensor.get(), size);
    }
  }
}
