package dev.megalodon.trainer.interchange;

import dev.megalodon.kernels.safetensors.DataType;
import dev.megalodon.kernels.safetensors.Elements;
import java.io.IOException;
import java.lang.foreign.Arena;

/** Elements of small tensors as Java numbers. */
final class Numbers {
  private static final long MOST = 1 << 16;

  private Numbers() {}

  /**
   * All elements of a small tensor of any type.
   *
   * @throws InterchangeException when it is not small
   */
  static double[] of(NamedTensor tensor) throws IOException {
    if (tensor.elements() > MOST) {
      throw new InterchangeException(
          "tensor '%s' has %d elements".formatted(tensor.name(), tensor.elements()));
    }
    DataType type = tensor.type();
    try (Arena scratch = Arena.ofConfined()) {
      return Elements.doubles(tensor.bytes(scratch), type, (int) tensor.elements());
    }
  }
}
