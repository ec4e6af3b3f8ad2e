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
 *
 * <p>With a buddy, the rank also holds the shard of the rank before it, gets the sums of that
 * rank's slices, and updates those alike: parameters and state of a rank that dies live on in the
 * rank after it.
 */
public final class ShardedOptimizer {
  private final Device device;
  private final FlatTensors parameters;
  private final FlatTensors gradients;
  private final OptimizerShard shard;
  private final Optional<OptimizerShard> buddy;
  private final AdamWSettings settings;
  private final LearningRateSchedule schedule;

  /** An optimizer without a buddy, of the rank that {@code shard} is of. */
  public ShardedOptimizer(
      Device device,
      FlatTensors parameters,
      FlatTensors gradients,
      OptimizerShard shard,
      AdamWSettings settings,
      LearningRateSchedule schedule) {
    this(device, parameters, gradients, shard, Optional.empty(), settings, schedule);
  }

  /**
   * An optimizer of the rank that {@code shard} is of.
   *
   * @param parameters updated in place
   * @param gradients summed in place
   * @param buddy the shard of the rank before, if this rank keeps it too
   */
  public ShardedOptimizer(
      Device device,
      FlatTensors parameters,
      FlatTensors gradients,
      OptimizerShard shard,
      Optional<OptimizerShard> buddy,
      AdamWSettings settings,
      LearningRateSchedule schedule) {
    this.device = device;
    this.parameters = parameters;
    this.gradients = gradients;
    this.shard = shard;
    this.buddy = buddy;
    this.settings = settings;
    this.schedule = schedule;
  }

  /**
   * Sums the gradients of all ranks; each rank then holds the sums of its own slices, and of those
   * of its buddy.
   */
  public void reduceGradients(Collectives collectives) {
    for (FlatLayout.Bucket bucket : layout().buckets()) {
      Tensor summed = gradients.bucket(bucket);
      if (buddy.isPresent()) {
        collectives.reduceScatterWithBuddy(summed);
      } else {
        collectives.reduceScatter(summed);
      }
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
   * Clips, and updates the slices of the own shard and of the buddy's. Talks to nobody: a rank that
   * knows the norm can always do this.
   *
   * @param step updates done before this one
   * @param norm what {@link #globalNorm} returned
   */
  public void update(long step, double norm) {
    AdamW.Settings update = settings.at(step + 1, schedule.rate(step), settings.clipFactor(norm));
    for (FlatLayout.Bucket bucket : layout().buckets()) {
      updateSlice(shard, bucket, update);
      buddy.ifPresent(other -> updateSlice(other, bucket, update));
    }
  }

  /** {@link #update(long, double)}, then {@link #gatherParameters}. */
  public void update(Collectives collectives, long step, double norm) {
    update(step, norm);
    gatherParameters(collectives);
  }

  /** Collects everyone's updated slices. */
  public void gatherParameters(Collectives collectives) {
    for (FlatLayout.Bucket bucket : layout().buckets()) {
      collectives.allGather(parameters.bucket(bucket));
    }
  }

  private void updateSlice(OptimizerShard owner, FlatLayout.Bucket bucket, AdamW.Settings update) {
    Tensor own = parameters.slice(bucket, owner.rank());
    Tensor gradient = gradients.slice(bucket, owner.rank());
    Optional<Tensor> masters = owner.masters(bucket);
    device
        .adamW()
        .update(
            masters.orElse(own),
            gradient,
            owner.firstMoment(bucket),
            owner.secondMoment(bucket),
            update);
    masters.ifPresent(precise -> device.pointwise().copy(precise, own));
  }

  private FlatLayout layout() {
    return shard.layout();
  }
}
