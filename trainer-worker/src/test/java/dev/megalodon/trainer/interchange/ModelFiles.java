package dev.megalodon.trainer.interchange;

import dev.megalodon.kernels.safetensors.DataType;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.ModelConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small models for tests. */
final class ModelFiles {
  private ModelFiles() {}

  /** Two layers that four model-parallel ranks can share. */
  static ModelConfig config() {
    return new ModelConfig(
        2, 16, 16, 24, 4, 12, 3, 4, 4, 1e-5, 20, 10_000, true, false, true, false);
  }

  /** The same with another choice of what is stored. */
  static ModelConfig config(boolean rescale, boolean share) {
    return new ModelConfig(
        2, 16, 16, 24, 4, 12, 3, 4, 4, 1e-5, 20, 10_000, true, rescale, true, share);
  }

  /** Parameters from a seed. */
  static List<NamedTensor> parameters(ModelConfig config, long seed) {
    Random random = new Random(seed);
    List<NamedTensor> tensors = new ArrayList<>();
    for (FlatLayout.Entry entry : FlatLayout.of(config, 1, 4, Long.MAX_VALUE).entries()) {
      float[] values = new float[(int) entry.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      tensors.add(tensor(entry.name(), entry.dims(), values));
    }
    return tensors;
  }

  /** A tensor in memory. */
  static NamedTensor tensor(String name, List<Long> dims, float... values) {
    return new NamedTensor(
        name, DataType.F32, dims, scratch -> scratch.allocateFrom(ValueLayout.JAVA_FLOAT, values));
  }

  /** All bytes of a tensor. */
  static byte[] bytes(NamedTensor tensor) throws IOException {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment bytes = tensor.bytes(scratch);
      return bytes.toArray(ValueLayout.JAVA_BYTE);
    }
  }
}
