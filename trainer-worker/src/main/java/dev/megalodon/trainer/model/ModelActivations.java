package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Input, output and everything between of one forward pass over pieces of one shape; allocated once
 * and used by pass after pass.
 *
 * @param tokens (B, L) INT32, written by the caller
 * @param embedded (B, L, D)
 * @param blocks by layer
 * @param recomputedState where layers share memory that backward fills again: a place for the state
 *     after a layer, which is known already
 * @param normalized (B, L, D), after the final norm
 * @param finalNorm what the final norm keeps
 * @param logits (B, L, V); backward turns them into their gradient
 * @param tokenLoss (B·L) FLOAT64
 */
public record ModelActivations(
    Tensor tokens,
    Tensor embedded,
    List<BlockActivations> blocks,
    Optional<BlockState> recomputedState,
    Tensor normalized,
    TimestepNorm.Saved finalNorm,
    Tensor logits,
    Tensor tokenLoss) {

  /** With memory of its own for every layer, as backward needs it. */
  public static ModelActivations forTraining(
      Device device, Allocator allocator, ModelConfig config, long batch, long length) {
    Shapes shapes = new Shapes(device, allocator, config, batch, length);
    List<BlockActivations> blocks =
        IntStream.range(0, config.layers())
            .mapToObj(layer -> BlockActivations.allocate(shapes))
            .toList();
    return allocate(shapes, blocks::get, Optional.empty());
  }

  /**
   * With memory of every layer's output only; all else is one layer's, which backward fills again
   * for each.
   */
  static ModelActivations forRecomputation(
      Device device, Allocator allocator, ModelConfig config, long batch, long length) {
    Shapes shapes = new Shapes(device, allocator, config, batch, length);
    BlockActivations shared = BlockActivations.allocate(shapes);
    List<BlockActivations> blocks = new ArrayList<>(List.of(shared));
    while (blocks.size() < config.layers()) {
      blocks.add(shared.withOutput(shapes.sequence(config.modelDim())));
    }
    BlockState state = BlockState.fresh(device, allocator, config, batch);
    return allocate(shapes, blocks::get, Optional.of(state));
  }

  /** With two layers' memory that layers use in turn; there is no way backward. */
  public static ModelActivations forInference(
      Device device, Allocator allocator, ModelConfig config, long batch, long length) {
    Shapes shapes = new Shapes(device, allocator, config, batch, length);
    BlockActivations even = BlockActivations.allocate(shapes);
    BlockActivations odd = BlockActivations.allocate(shapes);
    return allocate(shapes, layer -> layer % 2 == 0 ? even : odd, Optional.empty());
  }

  private static ModelActivations allocate(
      Shapes shapes,
      IntFunction<BlockActivations> blockOfLayer,
      Optional<BlockState> recomputedState) {
    ModelConfig config = shapes.config();
    return new ModelActivations(
        shapes.tokens(),
        shapes.sequence(config.modelDim()),
        IntStream.range(0, config.layers()).mapToObj(blockOfLayer).toList(),
        recomputedState,
        shapes.sequence(config.modelDim()),
        shapes.timestepNorm(),
        shapes.logits(),
        shapes.allocator().allocate(ElementType.FLOAT64, shapes.batch() * shapes.length()));
  }

  /** (B, L, D): what goes into a block; of the number of layers, what goes into the final norm. */
  public Tensor blockInput(int layer) {
    return layer == 0 ? embedded : blocks.get(layer - 1).output();
  }
}
