package dev.megalodon.trainer.optimizer;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.FlatLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The optimizer state of one rank: both moments of its slice of every bucket, the slices one after
 * the other in the order of the buckets.
 *
 * @param layout of the parameters
 * @param rank whose slices these are
 * @param firstMoment flat, accumulation type
 * @param secondMoment flat, accumulation type
 */
public record OptimizerShard(FlatLayout layout, int rank, Tensor firstMoment, Tensor secondMoment) {

  /**
   * A stretch of one parameter's state.
   *
   * @param tensor the parameter's name
   * @param tensorOffset elements before the stretch in the parameter
   * @param shardOffset elements before the stretch in the shard
   * @param length elements
   */
  public record Piece(String tensor, long tensorOffset, long shardOffset, long length) {}

  /** A shard of zeros, how training starts. */
  public static OptimizerShard allocate(Device device, FlatLayout layout, int rank) {
    long length = layout.elements() / layout.worldSize();
    return new OptimizerShard(
        layout,
        rank,
        device.allocate(device.accumulationType(), length),
        device.allocate(device.accumulationType(), length));
  }

  /** Elements before a bucket's slice in the shard. */
  long offset(FlatLayout.Bucket bucket) {
    return bucket.offset() / layout.worldSize();
  }

  /** The first moments of a bucket's slice. */
  Tensor firstMoment(FlatLayout.Bucket bucket) {
    return firstMoment.view(offset(bucket), layout.sliceElements(bucket));
  }

  /** The second moments of a bucket's slice. */
  Tensor secondMoment(FlatLayout.Bucket bucket) {
    return secondMoment.view(offset(bucket), layout.sliceElements(bucket));
  }

  /** Forgets everything: how training starts. */
  public void clear() {
    firstMoment.memory().fill((byte) 0);
    secondMoment.memory().fill((byte) 0);
  }

  /** Which parameters' state lies where in the shard, in order; padding is left out. */
  public List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    for (FlatLayout.Entry entry : layout.entries()) {
      FlatLayout.Bucket bucket = layout.buckets().get(entry.bucket());
      long sliceFrom = layout.sliceOffset(bucket, rank);
      long from = Math.max(entry.offset(), sliceFrom);
      long to =
          Math.min(entry.offset() + entry.elements(), sliceFrom + layout.sliceElements(bucket));
      if (from < to) {
        long shardOffset = offset(bucket) + from - sliceFrom;
        pieces.add(new Piece(entry.name(), from - entry.offset(), shardOffset, to - from));
      }
    }
    return pieces;
  }
}
