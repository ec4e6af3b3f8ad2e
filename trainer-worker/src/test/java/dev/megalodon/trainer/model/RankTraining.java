package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.trainer.golden.Fixture;
import dev.megalodon.trainer.optimizer.AdamWSettings;
import dev.megalodon.trainer.optimizer.LearningRateSchedule;
import dev.megalodon.trainer.optimizer.OptimizerShard;
import dev.megalodon.trainer.optimizer.ShardedOptimizer;
import dev.megalodon.trainer.parallel.Collectives;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.BiFunction;

/** One rank's part in training as the fixtures were made: forward, backward, clip, AdamW. */
final class RankTraining {
  private final Device device;
  private final Collectives collectives;
  private final FlatTensors parameters;
  private final FlatTensors gradients;
  private final OptimizerShard shard;
  private final ShardedOptimizer optimizer;
  private final TrainingPass pass;
  private final double lossScale;
  private long steps;

  /**
   * What a step gave.
   *
   * @param loss mean loss over all tokens of all ranks, before the update
   * @param gradientNorm before clipping
   */
  record Result(double loss, double gradientNorm) {}

  /**
   * Training from zero parameters.
   *
   * @param batch sequences of this rank
   */
  RankTraining(
      Device device,
      Collectives collectives,
      ModelConfig config,
      int batch,
      int length,
      AdamWSettings settings,
      LearningRateSchedule schedule) {
    this(
        device,
        collectives,
        config,
        settings,
        schedule,
        (model, gradients) ->
            new Part(
                new TrainingPass(model, gradients, batch, length),
                (long) collectives.worldSize() * batch * length));
  }

  /**
   * Training from zero parameters where groups of ranks share sequences.
   *
   * @param batch sequences of this rank's group
   * @param share this rank's part of them
   */
  RankTraining(
      Device device,
      Collectives collectives,
      ModelConfig config,
      int batch,
      SequenceShare share,
      AdamWSettings settings,
      LearningRateSchedule schedule) {
    this(
        device,
        collectives,
        config,
        settings,
        schedule,
        (model, gradients) ->
            new Part(
                new TrainingPass(model, gradients, batch, share, Recompute.NONE),
                collectives.worldSize()
                    / share.group().size()
                    * batch
                    * share.lengths().stream().mapToLong(Integer::longValue).sum()));
  }

  /**
   * What a rank computes.
   *
   * @param tokens of a step, over all ranks
   */
  private record Part(TrainingPass pass, long tokens) {}

  private RankTraining(
      Device device,
      Collectives collectives,
      ModelConfig config,
      AdamWSettings settings,
      LearningRateSchedule schedule,
      BiFunction<MegalodonModel, ModelWeights, Part> parts) {
    this.device = device;
    this.collectives = collectives;
    int worldSize = collectives.worldSize();
    FlatLayout layout = FlatLayout.of(config, worldSize, device.elementType().bytes(), 1 << 16);
    parameters = FlatTensors.allocateParameters(device, layout);
    gradients = FlatTensors.allocate(device, layout);
    shard = OptimizerShard.allocate(device, layout, collectives.rank());
    optimizer = new ShardedOptimizer(device, parameters, gradients, shard, settings, schedule);
    MegalodonModel model =
        new MegalodonModel(device, device, config, ModelWeights.of(config, parameters));
    Part part = parts.apply(model, ModelWeights.of(config, gradients));
    pass = part.pass();
    lossScale = 1.0 / part.tokens();
  }

  /** Begins from the fixture's parameters, those whose names begin with {@code prefix}. */
  void begin(Fixture fixture, String prefix) throws IOException {
    fixture.loadParameters(prefix, device, parameters);
    shard.begin(
        (piece, target) -> {
          double[] whole = fixture.numbers(prefix + piece.tensor());
          int from = (int) piece.tensorOffset();
          device
              .transfer()
              .write(Arrays.copyOfRange(whole, from, from + (int) piece.length()), target);
        });
  }

  FlatTensors parameters() {
    return parameters;
  }

  /** Both moments of the slices that this rank owns. */
  OptimizerShard shard() {
    return shard;
  }

  /** The mean loss over all ranks without training. */
  double loss(int[] inputs, int[] targets) {
    return lossScale * collectives.allReduceSum(pass.loss(inputs, targets));
  }

  /** One step on this rank's sequences. */
  Result step(int[] inputs, int[] targets) {
    device.pointwise().fill(gradients.flat(), 0);
    double own = pass.accumulate(inputs, targets, lossScale, BackwardProgress.IGNORED);
    double loss = lossScale * collectives.allReduceSum(own);
    optimizer.reduceGradients(collectives);
    double norm = optimizer.globalNorm(collectives);
    optimizer.update(collectives, steps++, norm);
    return new Result(loss, norm);
  }
}
