package dev.megalodon.trainer.parallel;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How the ranks of an epoch divide the work: {@code dataParallel} groups of {@code chunkParallel}
 * ranks. A group reads its own sequences, and each of its ranks holds one slice of every sequence.
 * Rank = dataIndex · chunkParallel + chunkIndex, so the ranks of one pod share sequences first.
 *
 * @param dataParallel number of chunk groups
 * @param chunkParallel ranks that share a sequence
 */
public record Mesh(int dataParallel, int chunkParallel) {
  /** Checks that there is at least one rank. */
  public Mesh {
    if (dataParallel < 1 || chunkParallel < 1) {
      throw new IllegalArgumentException(
          "a mesh of %d x %d ranks has none: both sides are at least 1"
              .formatted(dataParallel, chunkParallel));
    }
  }

  /**
   * The mesh over all ranks of an epoch.
   *
   * @throws IllegalArgumentException when {@code chunkParallel} does not divide {@code worldSize}
   */
  public static Mesh of(int worldSize, int chunkParallel) {
    if (chunkParallel < 1 || worldSize % chunkParallel != 0) {
      throw new IllegalArgumentException(
          "%d ranks do not divide into groups of chunkParallel = %d ranks"
              .formatted(worldSize, chunkParallel));
    }
    return new Mesh(worldSize / chunkParallel, chunkParallel);
  }

  /** Number of ranks. */
  public int worldSize() {
    return dataParallel * chunkParallel;
  }

  /** Which chunk group {@code rank} is in, 0 to dataParallel − 1. */
  public int dataIndex(int rank) {
    return requireRank(rank) / chunkParallel;
  }

  /** Position of {@code rank}'s slice in its sequences, 0 to chunkParallel − 1. */
  public int chunkIndex(int rank) {
    return requireRank(rank) % chunkParallel;
  }

  /** The ranks that share sequences with {@code rank}, itself included, in the order of slices. */
  public List<Integer> chunkGroup(int rank) {
    int first = dataIndex(rank) * chunkParallel;
    return IntStream.range(first, first + chunkParallel).boxed().toList();
  }

  /**
   * Cuts a sequence into one slice per rank of a chunk group. Whole attention chunks are spread as
   * evenly as they go, the first ranks get one more; what is left of a chunk at the sequence's end
   * belongs to the slice before it ends. A sequence of fewer chunks than ranks leaves the last
   * slices empty.
   *
   * @param length tokens, at least 0
   * @param chunkSize tokens of an attention chunk
   * @return slices by chunk index; each but the last that is not empty is a multiple of {@code
   *     chunkSize}
   */
  public List<SequenceSlice> slices(int length, int chunkSize) {
    if (length < 0 || chunkSize < 1) {
      throw new IllegalArgumentException(
          "cannot cut %d tokens into chunks of %d".formatted(length, chunkSize));
    }
    long chunks = Math.ceilDiv(length, chunkSize);
    return IntStream.range(0, chunkParallel)
        .mapToObj(
            index -> {
              long start = Math.min(length, firstChunk(index, chunks) * chunkSize);
              long end = Math.min(length, firstChunk(index + 1, chunks) * chunkSize);
              return new SequenceSlice((int) start, (int) (end - start));
            })
        .toList();
  }

  private long firstChunk(int index, long chunks) {
    return index * (chunks / chunkParallel) + Math.min(index, chunks % chunkParallel);
  }

  private int requireRank(int rank) {
    if (rank < 0 || rank >= worldSize()) {
      throw new IllegalArgumentException("rank %d is not in %s".formatted(rank, this));
    }
    return rank;
  }
}
