package dev.megalodon.trainer.model;

import dev.megalodon.trainer.parallel.ChunkGroup;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import java.util.List;

/**
 * One rank's part of sequences that several ranks hold in contiguous slices, in rank order.
 *
 * @param group the ranks
 * @param lengths tokens of every rank's slice; all but the last are multiples of the attention
 *     chunk
 * @param exchange how states cross from slice to slice
 */
public record SequenceShare(ChunkGroup group, List<Integer> lengths, ChunkExchange exchange) {
  /** Checks that every rank has a slice. */
  public SequenceShare {
    lengths = List.copyOf(lengths);
    if (lengths.size() != group.size()) {
      throw new IllegalArgumentException(
          "%d slices for a chunk group of %d ranks".formatted(lengths.size(), group.size()));
    }
    if (lengths.stream().anyMatch(length -> length < 1)) {
      throw new IllegalArgumentException(
          "slices of %s tokens: every rank of a chunk group needs at least one; use fewer ranks"
              .formatted(lengths));
    }
  }

  /** Tokens of this rank's slice. */
  int length() {
    return lengths.get(group.rank());
  }

  boolean isFirst() {
    return group.rank() == 0;
  }

  boolean isLast() {
    return group.rank() == group.size() - 1;
  }

  /**
   * Checks that attention needs nothing from other slices.
   *
   * @throws IllegalArgumentException when a chunk crosses from one slice to the next
   */
  void requireWholeChunks(int chunkSize) {
    for (int length : lengths.subList(0, lengths.size() - 1)) {
      if (length % chunkSize != 0) {
        throw new IllegalArgumentException(
            "slices of %s tokens: all but the last must be multiples of the attention chunk, %d"
                .formatted(lengths, chunkSize));
      }
    }
  }
}
