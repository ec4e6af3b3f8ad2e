package dev.megalodon.trainer.parallel;

import java.util.List;

/**
 * The ranks that exchange in one epoch, seen from one of them.
 *
 * @param epoch number of the epoch, unique in the job and the same on every rank
 * @param rank this rank
 * @param peers every rank in rank order, this one included
 */
public record Group(long epoch, int rank, List<Peer> peers) {
  /** Checks that the rank is one of the peers. */
  public Group {
    peers = List.copyOf(peers);
    if (rank < 0 || rank >= peers.size()) {
      throw new IllegalArgumentException(
          "rank %d is not in a group of %d ranks".formatted(rank, peers.size()));
    }
  }

  /** Number of ranks. */
  public int worldSize() {
    return peers.size();
  }

  /** The rank that this one sends to in a ring. */
  public int next() {
    return (rank + 1) % worldSize();
  }

  /** The rank that this one receives from in a ring. */
  public int previous() {
    return Math.floorMod(rank - 1, worldSize());
  }
}
