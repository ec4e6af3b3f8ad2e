package dev.megalodon.trainer.training;

import dev.megalodon.kernels.Device;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.model.ModelState;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the sequences of a rank carry from one step to the next, so that a model reads on where it
 * stopped in documents longer than a sequence. Gradients do not go back beyond a step's own tokens
 * (truncated back-propagation through time).
 */
public final class CarriedStates {
  private final List<ModelState> before; // by micro-batch
  private ModelState after;

  private CarriedStates(List<ModelState> before, ModelState after) {
    this.before = new ArrayList<>(before);
    this.after = after;
  }

  /** Memory for a rank's share of the batch; all sequences are at their beginning. */
  static CarriedStates allocate(Device device, TrainingPlan plan) {
    TrainingPlan.Batches batches = plan.batches();
    int microBatches = batches.rankSequences() / batches.microSequences();
    return new CarriedStates(
        IntStream.range(0, microBatches).mapToObj(i -> state(device, plan)).toList(),
        state(device, plan));
  }

  private static ModelState state(Device device, TrainingPlan plan) {
    return ModelState.fresh(device, device, plan.model(), plan.batches().microSequences());
  }

  /** The states by micro-batch. */
  List<ModelState> all() {
    return List.copyOf(before);
  }

  /** What a micro-batch goes on from. */
  ModelState before(int microBatch) {
    return before.get(microBatch);
  }

  /** Where to write what a micro-batch comes to; {@link #advance} makes it what it goes on from. */
  ModelState after() {
    return after;
  }

  /** A micro-batch is done, forward and backward. */
  void advance(int microBatch) {
    after = before.set(microBatch, after);
  }

  /** All sequences begin again. */
  void reset(Device device) {
    before.forEach(state -> state.reset(device));
  }
}
