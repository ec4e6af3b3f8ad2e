package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
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

  /**
   * Everything that is carried, by name: {@code layers.0.timenorm.mean}, {@code layers.0.cema.h},
   * {@code final_norm.count}, …. The first dimension of each is the sequence.
   */
  public SortedMap<String, Tensor> byName() {
    SortedMap<String, Tensor> tensors = new TreeMap<>();
    for (int layer = 0; layer < blocks.size(); layer++) {
      BlockState block = blocks.get(layer);
      put(tensors, "layers.%d.timenorm".formatted(layer), block.timestepNorm());
      tensors.put("layers.%d.cema.h".formatted(layer), block.cema());
    }
    put(tensors, "final_norm", finalNorm);
    return tensors;
  }

  private static void put(SortedMap<String, Tensor> tensors, String name, TimestepNorm.State norm) {
    tensors.put(name + ".count", norm.count());
    tensors.put(name + ".mean", norm.mean());
    tensors.put(name + ".var", norm.variance());
  }

  /** How many sequences it is of. */
  public long sequences() {
    return finalNorm.count().dim(0);
  }

  /** Takes on the numbers of another state of the same shape. */
  void copyFrom(Device device, ModelState other) {
    Map<String, Tensor> sources = other.byName();
    byName()
        .forEach(
            (name, target) ->
                device.pointwise().copy(Objects.requireNonNull(sources.get(name)), target));
  }

  /** Back to the state before a sequence. */
  public void reset(Device device) {
    for (BlockState block : blocks) {
      device.pointwise().fill(block.cema(), 0);
      BlockState.reset(device, block.timestepNorm());
    }
    BlockState.reset(device, finalNorm);
  }
}
