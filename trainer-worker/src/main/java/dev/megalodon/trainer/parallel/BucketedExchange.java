package dev.megalodon.trainer.parallel;

import dev.megalodon.kernels.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Exchanges a flat buffer bucket by bucket, so that a bucket can travel as soon as it is filled and
 * no more than one has to be waited for. Rank r owns slice r of every bucket.
 */
public final class BucketedExchange {
  private final Collectives collectives;
  private final List<Bucket> buckets;

  /** Exchanges these buckets, which every rank cuts alike, in this order. */
  public BucketedExchange(Collectives collectives, List<Bucket> buckets) {
    this.collectives = collectives;
    this.buckets = List.copyOf(buckets);
  }

  /**
   * Cuts {@code length} elements into buckets of {@code bucketLength}, the last one shorter.
   *
   * @param length a multiple of {@code worldSize · alignment}
   * @param bucketLength elements per bucket, rounded up to a multiple of {@code worldSize ·
   *     alignment}
   * @param alignment every slice of every bucket is a multiple of this many elements
   */
  public static List<Bucket> cut(long length, long bucketLength, int worldSize, int alignment) {
    long unit = (long) worldSize * alignment;
    if (length % unit != 0 || bucketLength <= 0) {
      throw new IllegalArgumentException(
          "%d elements do not cut into buckets of %d whose %d slices are multiples of %d"
              .formatted(length, bucketLength, worldSize, alignment));
    }
    long step = Math.ceilDiv(bucketLength, unit) * unit;
    List<Bucket> buckets = new ArrayList<>();
    for (long offset = 0; offset < length; offset += step) {
      buckets.add(new Bucket(offset, Math.min(step, length - offset)));
    }
    return List.copyOf(buckets);
  }

  /** The buckets, in the order they are exchanged. */
  public List<Bucket> buckets() {
    return buckets;
  }

  /** This rank's slice of a bucket, as a view on the flat buffer. */
  public Tensor ownSlice(Tensor flat, Bucket bucket) {
    long slice = bucket.length() / collectives.worldSize();
    return flat.view(bucket.offset() + collectives.rank() * slice, slice);
  }

  /** Sums every bucket over ranks; on return the own slice of each holds the sum. */
  public void reduceScatter(Tensor flat) {
    for (Bucket bucket : buckets) {
      collectives.reduceScatter(flat.view(bucket.offset(), bucket.length()));
    }
  }

  /** Collects every bucket from the slices' owners. */
  public void allGather(Tensor flat) {
    for (Bucket bucket : buckets) {
      collectives.allGather(flat.view(bucket.offset(), bucket.length()));
    }
  }
}
