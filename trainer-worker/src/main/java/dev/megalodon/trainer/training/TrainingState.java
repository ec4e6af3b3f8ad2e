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
import dev.megalodon.trainer.recovery.CarriedReplicas;
import dev.megalodon.trainer.recovery.Holding;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
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
  private final Optional<OptimizerShard> buddy;
  private final Optional<CarriedStates> carried;
  private final Optional<CarriedReplicas> replicas;
  private Position position = Position.BEGINNING;
  private OptionalLong lineage = OptionalLong.empty();
  private Optional<Double> reducedLoss = Optional.empty();

  /**
   * Where the run is.
   *
   * @param step steps that are done
   * @param loss training loss of the last step; null before the first
   * @param initialHeldOutLoss before the first step; null when not measured
   * @param heldOutLoss newest; null when not measured
   * @param gradientNorm of the last step, if this process or a living one made it; null otherwise
   */
  record Position(
      long step,
      @Nullable Double loss,
      @Nullable Double initialHeldOutLoss,
      @Nullable Double heldOutLoss,
      @Nullable Double gradientNorm) {
    static final Position BEGINNING = new Position(0, null, null, null, null);

    static Position of(StoredCheckpoint checkpoint) {
      Manifest manifest = checkpoint.manifest();
      return new Position(
          manifest.step(),
          manifest.loss(),
          manifest.initialHeldOutLoss(),
          manifest.heldOutLoss(),
          null);
    }

    static Position of(Holding state) {
      return new Position(
          state.step(),
          state.loss(),
          state.initialHeldOutLoss(),
          state.heldOutLoss(),
          state.gradientNorm());
    }

    Position after(double stepLoss, double norm) {
      return new Position(step + 1, stepLoss, initialHeldOutLoss, heldOutLoss, norm);
    }

    Position evaluated(double newLoss) {
      Double initial = step == 0 ? Double.valueOf(newLoss) : initialHeldOutLoss;
      return new Position(step, loss, initial, newLoss, gradientNorm);
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
    this.buddy =
        buddies(worldSize) == 0
            ? Optional.empty()
            : Optional.of(
                OptimizerShard.allocate(device, layout, Math.floorMod(rank - 1, worldSize)));
    this.carried = plan.carryState() ? Optional.of(carried(device, plan, rank)) : Optional.empty();
    this.replicas =
        carried
            .filter(states -> buddy.isPresent())
            .map(states -> new CarriedReplicas(states, device));
  }

  /** Other ranks whose part of the optimizer a rank keeps a copy of. */
  public static int buddies(int worldSize) {
    return worldSize > 1 ? 1 : 0;
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
    forget();
    parameters.flat().memory().fill((byte) 0);
    Initialization.initialize(device, plan.model(), plan.seed(), parameters);
    shards().forEach(this::initialize);
    carried.ifPresent(states -> states.reset(device));
    position = Position.BEGINNING;
  }

  private void initialize(OptimizerShard begun) {
    begun.begin(
        (piece, target) ->
            Initialization.initialize(
                device, plan.model(), plan.seed(), piece.tensor(), piece.tensorOffset(), target));
  }

  /**
   * Goes back to a checkpoint.
   *
   * @throws IOException naming the file that cannot be read or does not fit the model
   */
  void load(StoredCheckpoint checkpoint) throws IOException {
    forget();
    parameters.flat().memory().fill((byte) 0);
    try (SafetensorsFile file = SafetensorsFile.open(checkpoint.parameters())) {
      ModelMetadata.requireFits(file, plan.model());
    }
    CheckpointLoader.loadParameters(checkpoint, device, parameters);
    for (OptimizerShard loaded : shards()) {
      CheckpointLoader.loadOptimizer(checkpoint, device, loaded);
    }
    if (carried.isPresent() && !CheckpointLoader.loadCarried(checkpoint, carried.get())) {
      LOG.info("{} has no states of these sequences: they begin afresh", checkpoint.folder());
      carried.get().reset(device);
    }
    position = Position.of(checkpoint);
  }

  /** What is here is about to be overwritten: living ranks cannot go on from it. */
  private void forget() {
    lineage = OptionalLong.empty();
    reducedLoss = Optional.empty();
  }

  /**
   * All ranks have taken the same state.
   *
   * @param epoch the number of the epoch in which they did
   */
  void established(long epoch) {
    lineage = OptionalLong.of(epoch);
  }

  /** The state is that of living ranks, and whole. */
  void joined(Holding state) {
    lineage = OptionalLong.of(state.lineage());
    reducedLoss = Optional.empty();
    position = Position.of(state);
  }

  /** A step begins: its gradients overwrite those of the step before. */
  void stepBegins() {
    reducedLoss = Optional.empty();
  }

  /** The step's gradients are summed, here and, as soon as the norm is known, everywhere. */
  void stepReduced(double loss) {
    reducedLoss = Optional.of(loss);
  }

  /** The step whose gradients were summed is done. */
  void stepDone(double norm) {
    position = position.after(reducedLoss.orElseThrow(), norm);
    reducedLoss = Optional.empty();
  }

  /**
   * What living ranks can go on from, if this process holds any.
   *
   * @param numerics what the bits of the results depend on
   */
  Optional<Holding> holding(String numerics, String dataFingerprint) {
    return buddy.isPresent() && lineage.isPresent()
        ? Optional.of(
            new Holding(
                lineage.getAsLong(),
                position.step(),
                reducedLoss.isPresent(),
                position.loss(),
                position.initialHeldOutLoss(),
                position.heldOutLoss(),
                position.gradientNorm(),
                numerics,
                dataFingerprint))
        : Optional.empty();
  }

  private List<OptimizerShard> shards() {
    return Stream.concat(Stream.of(shard), buddy.stream()).toList();
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

  /** The shard of the rank before this one, if there are others. */
  Optional<OptimizerShard> buddy() {
    return buddy;
  }

  /** Copies of what sequences carry, if they do and there are other ranks. */
  Optional<CarriedReplicas> replicas() {
    return replicas;
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
