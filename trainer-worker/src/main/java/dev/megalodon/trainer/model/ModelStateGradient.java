package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.TimestepNorm;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Gradient of a {@link ModelState}.
 *
 * @param blocks by layer
 * @param finalNorm of the statistics before the output
 */
public record ModelStateGradient(
    List<BlockStateGradient> blocks, TimestepNorm.StateGradient finalNorm) {
  /** A zero gradient, with memory of its own for every layer. */
  public static ModelStateGradient zero(
      Device device, Allocator allocator, ModelConfig config, long batch) {
    return new ModelStateGradient(
        IntStream.range(0, config.layers())
            .mapToObj(layer -> BlockStateGradient.zero(device, allocator, config, batch))
            .toList(),
        TimestepNorm.StateGradient.allocate(allocator, batch, config.normGroups()));
  }

  /** One memory for all layers: zero everywhere, or a place for what nobody reads. */
  static ModelStateGradient shared(
      Device device, Allocator allocator, ModelConfig config, long batch) {
    BlockStateGradient gradient = BlockStateGradient.zero(device, allocator, config, batch);
    return new ModelStateGradient(
        Collections.nCopies(config.layers(), gradient), gradient.timestepNorm());
  }
}
