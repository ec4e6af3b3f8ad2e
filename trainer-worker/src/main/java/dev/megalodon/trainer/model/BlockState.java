package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;

/**
 * What a block carries from one piece of a sequence to the next. Attention carries nothing across a
 * chunk's border; inside one, see {@link OpenChunk}.
 *
 * @param timestepNorm statistics of the steps seen
 * @param cema (B, D, N, 2), accumulation type: h after the last step
 */
record BlockState(TimestepNorm.State timestepNorm, Tensor cema) {
  /** The state before a sequence. */
  static BlockState fresh(Device device, Allocator allocator, ModelConfig config, long batch) {
    return new BlockState(
        freshNorm(device, allocator, config, batch),
        allocator.allocate(
            device.accumulationType(), batch, config.modelDim(), config.cemaDim(), 2));
  }

  /** The statistics of no steps: count 0, mean 0, variance 1. */
  static TimestepNorm.State freshNorm(
      Device device, Allocator allocator, ModelConfig config, long batch) {
    TimestepNorm.State state = TimestepNorm.State.allocate(allocator, batch, config.normGroups());
    reset(device, state);
    return state;
  }

  /** Back to the statistics of no steps. */
  static void reset(Device device, TimestepNorm.State state) {
    device.pointwise().fill(state.count(), 0);
    device.pointwise().fill(state.mean(), 0);
    device.pointwise().fill(state.variance(), 1);
  }
}
