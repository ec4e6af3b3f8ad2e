package dev.megalodon.trainer.training;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.checkpoint.CheckpointLoader;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.model.CarriedStates;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.Initialization;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.optimizer.OptimizerShard;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one rank knows of the run: parameters, its share of the optimizer's state, and where the run
 * is. Memory is allocated once; every epoch loads into it.
 */
public final class TrainingState {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingState.class);

  // Small enough that the first buckets travel early, large enough that latency does not count.
  private static final long BUCKET_BYTES = 4L << 20;

  private final Device device;
  private final TrainingPlan plan;
  private final FlatTensors parameters;
  private final FlatTensors gradients;
  private final OptimizerShard shard;
  private final Optional<CarriedStates> carried;
  private Position position = Position.BEGINNING;

  /**
   * Where the run is.
   *
   * @param step steps that are done
   * @param loss training loss of the last step; null before the first
   * @param initialHeldOutLoss before the first step; null when not measured
   * @param heldOutLoss newest; null when not measured
   */
  record Position(
      long step,
      @Nullable Double loss,
      @Nullable Double initialHeldOutLoss,
      @Nullable Double heldOutLoss) {
    static final Position BEGINNING = new Position(0, null, null, null);

    static Position of(StoredCheckpoint checkpoint) {
      Manifest manifest = checkpoint.manifest();
      return new Position(
          manifest.step(), manifest.loss(), manifest.initialHeldOutLoss(), manifest.heldOutLoss());
    }

    Position after(StepResult result) {
      return new Position(step + 1, result.loss(), initialHeldOutLoss, heldOutLoss);
    }

    Position evaluated(double newLoss) {
      Double initial = step == 0 ? Double.valueOf(newLoss) : initialHeldOutLoss;
      return new Position(step, loss, initial, newLoss);
    }
  }

  /** Memory for one rank's state. */
  public TrainingState(Device device, TrainingPlan plan, int rank, int worldSize) {
    this.device = device;
    this.plan = plan;
    FlatLayout layout = layout(plan.model(), worldSize, device.parameterType().bytes());
    this.parameters = FlatTensors.allocateParameters(device, layout);
    this.gradients = FlatTensors.allocate(device, layout);
    this.shard = OptimizerShard.allocate(device, layout, rank);
    this.carried = plan.carryState() ? Optional.of(carried(device, plan, rank)) : Optional.empty();
  }

  private static CarriedStates carried(Device device, TrainingPlan plan, int rank) {
    TrainingPlan.Batches batches = plan.batches();
    return CarriedStates.fresh(
        device,
        device,
        plan.model(),
        batches.rankSequences() / batches.microSequences(),
        batches.microSequences(),
        (long) plan.parallel().mesh().dataIndex(rank) * batches.rankSequences());
  }

  /**
   * How a model's numbers lie in flat buffers when it is trained.
   *
   * @param elementBytes size of an element in the exchanged buffer
   */
  public static FlatLayout layout(ModelConfig model, int worldSize, int elementBytes) {
    return FlatLayout.of(model, worldSize, elementBytes, BUCKET_BYTES);
  }

  /** Begins at step 0 with parameters from the seed. */
  void initialize() {
    parameters.flat().memory().fill((byte) 0);
    Initialization.initialize(device, plan.model(), plan.seed(), parameters);
    shard.begin(
        (piece, target) ->
            Initialization.initialize(
                device, plan.model(), plan.seed(), piece.tensor(), piece.tensorOffset(), target));
    carried.ifPresent(states -> states.reset(device));
    position = Position.BEGINNING;
  }

  /**
   * Goes back to a checkpoint.
   *
   * @throws IOException naming the file that cannot be read or does not fit the model
   */
  void load(StoredCheckpoint checkpoint) throws IOException {
    parameters.flat().memory().fill((byte) 0);
    try (SafetensorsFile file = SafetensorsFile.open(checkpoint.parameters())) {
      ModelMetadata.requireFits(file, plan.model());
    }
    CheckpointLoader.loadParameters(checkpoint, device, parameters);
    CheckpointLoader.loadOptimizer(checkpoint, device, shard);
    if (carried.isPresent() && !CheckpointLoader.loadCarried(checkpoint, carried.get())) {
      LOG.info("{} has no states of these sequences: they begin afresh", checkpoint.folder());
      carried.get().reset(device);
    }
    position = Position.of(checkpoint);
  }

  Device device() {
    return device;
  }

  FlatTensors parameters() {
    return parameters;
  }

  FlatTensors gradients() {
    return gradients;
  }

  OptimizerShard shard() {
    return shard;
  }

  /** What the rank's sequences carry from step to step, if they do. */
  Optional<CarriedStates> carried() {
    return carried;
  }

  Position position() {
    return position;
  }

  void moveTo(Position next) {
    position = next;
  }
}
