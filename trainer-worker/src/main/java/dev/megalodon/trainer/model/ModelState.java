package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import java.util.ArrayList;
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

  /** Back to the state before a sequence. */
  void reset(Device device) {
    for (BlockState block : blocks) {
      device.pointwise().fill(block.cema(), 0);
      BlockState.reset(device, block.timestepNorm());
    }
    BlockState.reset(device, finalNorm);
  }

  /** Takes on the numbers of another state of the same shape. */
  void copyFrom(Device device, ModelState other) {
    List<Tensor> sources = other.tensors();
    List<Tensor> targets = tensors();
    for (int i = 0; i < targets.size(); i++) {
      device.pointwise().copy(sources.get(i), targets.get(i));
    }
  }

  /** All tensors: of every layer, then of the final norm. */
  List<Tensor> tensors() {
    List<Tensor> tensors = new ArrayList<>();
    for (BlockState block : blocks) {
      addNorm(block.timestepNorm(), tensors);
      tensors.add(block.cema());
    }
    addNorm(finalNorm, tensors);
    return tensors;
  }

  private static void addNorm(TimestepNorm.State norm, List<Tensor> tensors) {
    tensors.add(norm.count());
    tensors.add(norm.mean());
    tensors.add(norm.variance());
  }
}
