package dev.megalodon.trainer.parallel;

import dev.megalodon.kernels.Tensor;

/**
 * The ranks that share one sequence, each with a slice of it, in the order of their slices. They
 * exchange small messages directly, each with each: one trip through the network however many they
 * are. All ranks of the group call the same operations in the same order; messages are copied bit
 * by bit and never added here.
 *
 * <p>Every operation may throw {@link PeerLostException}, as those of {@link Collectives} do.
 */
public interface ChunkGroup {
  /** Position of this rank's slice in the sequence, 0 to size − 1. */
  int rank();

  /** Number of ranks that share a sequence. */
  int size();

  /**
   * Starts to collect what every rank has to say: sends this rank's share to all others as far as
   * there is room, and returns without waiting for anybody.
   *
   * @param buffer FLOAT32 or FLOAT64, {@code size} equal shares in rank order; this rank's is
   *     filled. Not to be touched until {@link PendingGather#await} has returned
   */
  PendingGather beginAllGather(Tensor buffer);

  /**
   * Sends to one rank; returns when the message is on its way and may be overwritten.
   *
   * @param message FLOAT32 or FLOAT64
   */
  void send(int peer, Tensor message);

  /** Waits for what {@code peer} sent with {@link #send}, of the same type and size. */
  void receive(int peer, Tensor message);

  /** An all-gather that is under way; at most one per group at a time. */
  @FunctionalInterface
  interface PendingGather {
    /** Returns when every rank's share is in the buffer. */
    void await();
  }
}
