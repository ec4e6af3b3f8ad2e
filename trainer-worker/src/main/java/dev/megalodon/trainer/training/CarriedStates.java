package dev.megalodon.trainer.training;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.model.ModelState;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;

/**
 * What the sequences of a rank carry from one step to the next, so that a model reads on where it
 * stopped in documents longer than a sequence. Gradients do not go back beyond a step's own tokens
 * (truncated back-propagation through time).
 *
 * @param byMicroBatch a state for each micro-batch of a step
 * @param firstSequence number of the first sequence in the global batch
 */
public record CarriedStates(List<ModelState> byMicroBatch, long firstSequence) {
  /** Keeps its own copy of the list. */
  public CarriedStates {
    byMicroBatch = List.copyOf(byMicroBatch);
  }

  /** Memory for a rank's share of the batch; all sequences are at their beginning. */
  static CarriedStates allocate(Device device, TrainingPlan plan, int rank) {
    TrainingPlan.Batches batches = plan.batches();
    int microBatches = batches.rankSequences() / batches.microSequences();
    long first = (long) plan.parallel().mesh().dataIndex(rank) * batches.rankSequences();
    return new CarriedStates(
        IntStream.range(0, microBatches)
            .mapToObj(
                micro -> ModelState.fresh(device, device, plan.model(), batches.microSequences()))
            .toList(),
        first);
  }

  /** Every state's tensors by name, by micro-batch. */
  public List<SortedMap<String, Tensor>> tensors() {
    return byMicroBatch.stream().map(ModelState::byName).toList();
  }

  /** All sequences begin again. */
  void reset(Device device) {
    byMicroBatch.forEach(state -> state.reset(device));
  }
}
