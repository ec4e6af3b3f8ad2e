package dev.megalodon.trainer.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Where every parameter lies in one flat buffer, and how the buffer is cut into buckets. A function
 * of model, world size, element size and bucket size alone, so every rank computes the same.
 *
 * <p>Parameters stand in the order in which the backward pass finishes them, each at a multiple of
 * 64 bytes. A bucket holds whole parameters and is padded to a multiple of worldSize × 64 bytes:
 * rank r owns the r-th of its worldSize equal slices. Padding is zero and stays zero.
 *
 * @param entries parameters in order
 * @param buckets buckets in order; they cover the buffer
 * @param worldSize ranks that share the optimizer
 */
public record FlatLayout(List<Entry> entries, List<Bucket> buckets, int worldSize) {
  private static final int ALIGNMENT_BYTES = 64;

  /**
   * One parameter.
   *
   * @param name the reference implementation's name
   * @param dims shape
   * @param offset elements before it
   * @param bucket index of its bucket
   */
  public record Entry(String name, List<Long> dims, long offset, int bucket) {
    /** Number of elements. */
    public long elements() {
      return dims.stream().reduce(1L, Math::multiplyExact);
    }

    /** The shape as an array. */
    public long[] shape() {
      return dims.stream().mapToLong(Long::longValue).toArray();
    }
  }

  /**
   * A stretch of the buffer that is exchanged at once.
   *
   * @param index position among the buckets
   * @param offset elements before it
   * @param elements its length, a multiple of the world size
   */
  public record Bucket(int index, long offset, long elements) {}

  /** Keeps its own copies. */
  public FlatLayout {
    entries = List.copyOf(entries);
    buckets = List.copyOf(buckets);
  }

  /**
   * Lays out a model.
   *
   * @param elementBytes size of an element of the parameters; gradients may be larger
   * @param bucketBytes a bucket is closed before it would pass this size; one parameter may
   * @throws IllegalArgumentException when a number is not positive
   */
  public static FlatLayout of(
      ModelConfig config, int worldSize, int elementBytes, long bucketBytes) {
    if (worldSize < 1 || elementBytes < 1 || bucketBytes < 1) {
      throw new IllegalArgumentException(
          "world size %d, element size %d and bucket size %d must be positive"
              .formatted(worldSize, elementBytes, bucketBytes));
    }
    Builder builder = new Builder(worldSize, ALIGNMENT_BYTES / elementBytes);
    ParameterCatalog.of(config).forEach(spec -> builder.add(spec, bucketBytes / elementBytes));
    return builder.build();
  }

  /** Length of the buffer in elements. */
  public long elements() {
    Bucket last = buckets.getLast();
    return last.offset() + last.elements();
  }

  /** Entries by name. */
  public Map<String, Entry> byName() {
    return entries.stream().collect(Collectors.toMap(Entry::name, Function.identity()));
  }

  /** Elements of a bucket that one rank owns. */
  public long sliceElements(Bucket bucket) {
    return bucket.elements() / worldSize;
  }

  /** Elements in the buffer before the slice of a bucket that a rank owns. */
  public long sliceOffset(Bucket bucket, int rank) {
    return bucket.offset() + rank * sliceElements(bucket);
  }

  private static final class Builder {
    private final List<Entry> entries = new ArrayList<>();
    private final List<Bucket> buckets = new ArrayList<>();
    private final int worldSize;
    private final long alignment;
    private long bucketStart;
    private long next;

    Builder(int worldSize, long alignment) {
      this.worldSize = worldSize;
      this.alignment = alignment;
    }

    void add(ParameterSpec spec, long bucketElements) {
      boolean empty = next == bucketStart;
      if (!empty && next + spec.elements() - bucketStart > bucketElements) {
        closeBucket();
      }
      entries.add(new Entry(spec.name(), spec.dims(), next, buckets.size()));
      next = roundUp(next + spec.elements(), alignment);
    }

    FlatLayout build() {
      closeBucket();
      return new FlatLayout(entries, buckets, worldSize);
    }

    private void closeBucket() {
      long elements = roundUp(next - bucketStart, alignment * worldSize);
      buckets.add(new Bucket(buckets.size(), bucketStart, elements));
      bucketStart += elements;
      next = bucketStart;
    }

    private static long roundUp(long value, long multiple) {
      return Math.ceilDiv(value, multiple) * multiple;
    }
  }
}
