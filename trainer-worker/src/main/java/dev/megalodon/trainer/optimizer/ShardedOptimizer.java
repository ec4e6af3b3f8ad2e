package dev.megalodon.trainer.optimizer;

import dev.megalodon.kernels.AdamW;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.parallel.Collectives;
import java.util.Optional;

/**
 * AdamW whose state is spread over the ranks (Rajbhandari et al. 2020, stage 1): rank r owns slice
 * r of every bucket of the flat buffer. Gradients are summed into the owner's slice, the owner
 * updates its parameters, and all ranks collect the updated slices. Where the owner keeps masters,
 * those are updated, and the parameters become what they round to.
 */
public final class ShardedOptimizer {
  private final Device device;
  private final FlatTensors parameters;
  private final FlatTensors gradients;
  private final OptimizerShard shard;
  private final AdamWSettings settings;
  private final LearningRateSchedule schedule;

  /**
   * An optimizer of the rank that {@code shard} is of.
   *
   * @param parameters updated in place
   * @param gradients summed in place; undefined after an update
   */
  public ShardedOptimizer(
      Device device,
      FlatTensors parameters,
      FlatTensors gradients,
      OptimizerShard shard,
      AdamWSettings settings,
      LearningRateSchedule schedule) {
    this.device = device;
    this.parameters = parameters;
    this.gradients = gradients;
    this.shard = shard;
    this.settings = settings;
    this.schedule = schedule;
  }

  /** Sums the gradients of all ranks; each rank then holds the sums of its own slices. */
  public void reduceGradients(Collectives collectives) {
    for (FlatLayout.Bucket bucket : layout().buckets()) {
      collectives.reduceScatter(gradients.bucket(bucket));
    }
  }

  /**
   * The norm of the whole model's gradient, over all ranks; call it after {@link #reduceGradients}.
   */
  public double globalNorm(Collectives collectives) {
    double squares = 0;
    for (FlatLayout.Bucket bucket : layout().buckets()) {
      squares += device.pointwise().sumOfSquares(gradients.slice(bucket, shard.rank()));
    }
    return Math.sqrt(collectives.allReduceSum(squares));
  }

  /**
   * Clips, updates the own slices and collects everyone's.
   *
   * @param step updates done before this one
   * @param norm what {@link #globalNorm} returned
   */
  public void update(Collectives collectives, long step, double norm) {
    AdamW.Settings update = settings.at(step + 1, schedule.rate(step), settings.clipFactor(norm));
    for (FlatLayout.Bucket bucket : layout().buckets()) {
      updateSlice(bucket, update);
    }
    for (FlatLayout.Bucket bucket : layout().buckets()) {
      collectives.allGather(parameters.bucket(bucket));
    }
  }

  private void updateSlice(FlatLayout.Bucket bucket, AdamW.Settings update) {
    Tensor own = parameters.slice(bucket, shard.rank());
    Tensor gradient = gradients.slice(bucket, shard.rank());
    Optional<Tensor> masters = shard.masters(bucket);
    device
        .adamW()
        .update(
            masters.orElse(own),
            gradient,
            shard.firstMoment(bucket),
            shard.secondMoment(bucket),
            update);
    masters.ifPresent(precise -> device.pointwise().copy(precise, own));
  }

  private FlatLayout layout() {
    return shard.layout();
  }
}
