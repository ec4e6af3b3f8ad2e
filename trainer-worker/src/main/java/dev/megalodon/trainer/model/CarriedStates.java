package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;

/**
 * What the sequences of a rank carry from one step to the next, so that a model reads on where it
 * stopped in documents longer than a sequence. Gradients do not go back beyond a step's own tokens
 * (truncated back-propagation through time).
 *
 * @param byMicroBatch a state for each micro-batch of a step, of equally many sequences
 * @param firstSequence number of the first sequence in the global batch
 */
public record CarriedStates(List<ModelState> byMicroBatch, long firstSequence) {
  /** Keeps its own copy of the list. */
  public CarriedStates {
    byMicroBatch = List.copyOf(byMicroBatch);
  }

  /** All sequences are at their beginning. */
  public static CarriedStates fresh(
      Device device,
      Allocator allocator,
      ModelConfig config,
      int microBatches,
      int microSequences,
      long firstSequence) {
    return new CarriedStates(
        IntStream.range(0, microBatches)
            .mapToObj(micro -> ModelState.fresh(device, allocator, config, microSequences))
            .toList(),
        firstSequence);
  }

  /** Every state's tensors by name, by micro-batch. */
  public List<SortedMap<String, Tensor>> tensors() {
    return byMicroBatch.stream().map(ModelState::byName).toList();
  }

  /** All sequences begin again. */
  public void reset(Device device) {
    byMicroBatch.forEach(state -> state.reset(device));
  }
}
