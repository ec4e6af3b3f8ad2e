package dev.megalodon.trainer.training;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.parallel.ChunkGroup;
import java.util.Optional;

/**
 * The chunk group of the epoch that this rank is in. Activations and exchange buffers are allocated
 * once for the life of the process, epochs come and go: this is what the former hold on to.
 */
final class CurrentChunkGroup implements ChunkGroup {
  private final int rank;
  private final int size;
  private Optional<ChunkGroup> current = Optional.empty();

  /**
   * A place among the slices of a sequence.
   *
   * @param rank position of this rank's slice
   * @param size number of slices
   */
  CurrentChunkGroup(int rank, int size) {
    this.rank = rank;
    this.size = size;
  }

  /**
   * Enters an epoch.
   *
   * @throws IllegalStateException when the place is another in that epoch
   */
  void enter(ChunkGroup group) {
    if (group.rank() != rank || group.size() != size) {
      throw new IllegalStateException(
          "slice %d of %d became slice %d of %d".formatted(rank, size, group.rank(), group.size()));
    }
    current = Optional.of(group);
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public PendingGather beginAllGather(Tensor buffer) {
    return entered().beginAllGather(buffer);
  }

  @Override
  public void send(int peer, Tensor message) {
    entered().send(peer, message);
  }

  @Override
  public void receive(int peer, Tensor message) {
    entered().receive(peer, message);
  }

  private ChunkGroup entered() {
    return current.orElseThrow(() -> new IllegalStateException("no epoch was entered yet"));
  }
}
