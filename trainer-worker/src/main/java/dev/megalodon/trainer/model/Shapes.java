package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;

/**
 * Allocates tensors for pieces of one shape.
 *
 * @param device whose element types they have
 * @param allocator where their memory comes from
 * @param config dimensions of the model
 * @param batch B
 * @param length L
 */
record Shapes(Device device, Allocator allocator, ModelConfig config, long batch, long length) {
  /** (B, L, width) in the device's element type. */
  Tensor sequence(long width) {
    return allocator.allocate(device.elementType(), batch, length, width);
  }

  /** (B, L, V) in the device's element type. */
  Tensor logits() {
    return sequence(config.vocabSize());
  }

  /** (B·L·perStep) in the device's accumulation type. */
  Tensor statistics(long perStep) {
    return allocator.allocate(device.accumulationType(), batch * length * perStep);
  }

  /** (B, L) tokens. */
  Tensor tokens() {
    return allocator.allocate(ElementType.INT32, batch, length);
  }

  /** What a timestep norm keeps. */
  TimestepNorm.Saved timestepNorm() {
    return TimestepNorm.Saved.allocate(allocator, batch, length, config.normGroups());
  }
}
