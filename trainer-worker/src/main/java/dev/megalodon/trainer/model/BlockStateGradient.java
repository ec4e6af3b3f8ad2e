package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;

/**
 * Gradient of a {@link BlockState}.
 *
 * @param timestepNorm of the statistics
 * @param cema (B, D, N, 2), accumulation type
 */
record BlockStateGradient(TimestepNorm.StateGradient timestepNorm, Tensor cema) {
  /** A zero gradient. */
  static BlockStateGradient zero(
      Device device, Allocator allocator, ModelConfig config, long batch) {
    return new BlockStateGradient(
        TimestepNorm.StateGradient.allocate(allocator, batch, config.normGroups()),
        allocator.allocate(
            device.accumulationType(), batch, config.modelDim(), config.cemaDim(), 2));
  }
}
