package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.TimestepNorm;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model carries from one piece of a sequence to the next.
 *
 * @param blocks by layer
 * @param finalNorm statistics of the norm before the output
 */
public record ModelState(List<BlockState> blocks, TimestepNorm.State finalNorm) {
  /** The state before a sequence, with memory of its own for every layer. */
  public static ModelState fresh(
      Device device, Allocator allocator, ModelConfig config, long batch) {
    return new ModelState(
        IntStream.range(0, config.layers())
            .mapToObj(layer -> BlockState.fresh(device, allocator, config, batch))
            .toList(),
        BlockState.freshNorm(device, allocator, config, batch));
  }

  /**
   * One memory for all layers: the state before every sequence, or a place for what nobody reads.
   */
  static ModelState shared(Device device, Allocator allocator, ModelConfig config, long batch) {
    BlockState state = BlockState.fresh(device, allocator, config, batch);
    return new ModelState(Collections.nCopies(config.layers(), state), state.timestepNorm());
  }

  /** Back to the state before a sequence. */
  void reset(Device device) {
    for (BlockState block : blocks) {
      device.pointwise().fill(block.cema(), 0);
      BlockState.reset(device, block.timestepNorm());
    }
    BlockState.reset(device, finalNorm);
  }
}
