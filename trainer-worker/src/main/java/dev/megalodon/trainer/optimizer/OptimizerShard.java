package dev.megalodon.trainer.optimizer;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.FlatLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The optimizer state of one rank: both moments of its slice of every bucket, the slices one after
 * the other in the order of the buckets. Where parameters are BFLOAT16 there are also the masters:
 * the same parameters in the precision that the optimizer adds in. A step changes a parameter by
 * less than BFLOAT16 can show, so it is the masters that are trained, and the parameters are what
 * they round to.
 *
 * @param layout of the parameters
 * @param rank whose slices these are
 * @param firstMoment flat, accumulation type
 * @param secondMoment flat, accumulation type
 * @param masters flat, accumulation type; empty where the parameters are as precise themselves
 */
public record OptimizerShard(
    FlatLayout layout,
    int rank,
    Tensor firstMoment,
    Tensor secondMoment,
    Optional<Tensor> masters) {

  /**
   * A stretch of one parameter's state.
   *
   * @param tensor the parameter's name
   * @param tensorOffset elements before the stretch in the parameter
   * @param shardOffset elements before the stretch in the shard
   * @param length elements
   */
  public record Piece(String tensor, long tensorOffset, long shardOffset, long length) {}

  /** Where parameters come from, piece by piece. */
  @FunctionalInterface
  public interface ParameterSource<E extends Exception> {
    /** Writes a stretch of a parameter to {@code target}, which is as long. */
    void read(Piece piece, Tensor target) throws E;
  }

  /** A shard of zeros. */
  public static OptimizerShard allocate(Device device, FlatLayout layout, int rank) {
    long length = layout.elements() / layout.worldSize();
    boolean separate = device.parameterType() == ElementType.BFLOAT16;
    return new OptimizerShard(
        layout,
        rank,
        device.allocate(device.accumulationType(), length),
        device.allocate(device.accumulationType(), length),
        separate
            ? Optional.of(device.allocate(device.accumulationType(), length))
            : Optional.empty());
  }

  /** A shard of zeros in other memory, for a copy of this one. */
  public OptimizerShard allocateLike(Allocator memory) {
    return new OptimizerShard(
        layout,
        rank,
        memory.allocate(firstMoment.type(), firstMoment.dims()),
        memory.allocate(secondMoment.type(), secondMoment.dims()),
        masters.map(tensor -> memory.allocate(tensor.type(), tensor.dims())));
  }

  /** Overwrites all of this shard with another one of equal layout and rank. */
  public void copyFrom(OptimizerShard other) {
    firstMoment.memory().copyFrom(other.firstMoment.memory());
    secondMoment.memory().copyFrom(other.secondMoment.memory());
    masters.ifPresent(tensor -> tensor.memory().copyFrom(other.masters.orElseThrow().memory()));
  }

  /**
   * Begins from parameters without a history: moments of zero, and masters, where there are any,
   * from a source.
   */
  public <E extends Exception> void begin(ParameterSource<E> source) throws E {
    clear();
    if (masters.isPresent()) {
      for (Piece piece : pieces()) {
        source.read(piece, masters.get().view(piece.shardOffset(), piece.length()));
      }
    }
  }

  /** All of the state, in an order that is the same on every rank. */
  public List<Tensor> tensors() {
    return Stream.concat(Stream.of(firstMoment, secondMoment), masters.stream()).toList();
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

  /** The masters of a bucket's slice. */
  Optional<Tensor> masters(FlatLayout.Bucket bucket) {
    return masters.map(tensor -> tensor.view(offset(bucket), layout.sliceElements(bucket)));
  }

  /** Zeros everywhere. */
  public void clear() {
    firstMoment.memory().fill((byte) 0);
    secondMoment.memory().fill((byte) 0);
    masters.ifPresent(tensor -> tensor.memory().fill((byte) 0));
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
