package dev.megalodon.trainer.parallel;

import dev.megalodon.kernels.Tensor;

/**
 * Operations that every rank of a group calls in the same order with tensors of the same shape.
 * Tensors lie in host memory. Results have the same bits on every run: the order of every sum is a
 * function of rank numbers and shapes alone, never of transport, node or arrival.
 *
 * <p>Every operation may throw {@link PeerLostException}: the group is broken, and every later call
 * fails the same way until the ranks have met again.
 */
public interface Collectives extends AutoCloseable {
  /** This rank, 0 to worldSize − 1. */
  int rank();

  /** Number of ranks in the group. */
  int worldSize();

  /**
   * Sums over ranks. The buffer is worldSize equal slices; on return slice {@code rank} holds the
   * sum of every rank's slice {@code rank}, the other slices are undefined.
   *
   * @param buffer FLOAT32 or FLOAT64, its length a multiple of worldSize
   */
  void reduceScatter(Tensor buffer);

  /**
   * {@link #reduceScatter}, and one hop more: on return slice {@code rank − 1} (modulo worldSize)
   * holds the sum that the rank before this one owns, the same bits, so that no sum is lost with
   * one rank. A rank that has finished any later operation of all ranks knows that every rank has
   * both.
   */
  void reduceScatterWithBuddy(Tensor buffer);

  /**
   * Collects slices. The buffer is worldSize equal slices; on entry slice {@code rank} is this
   * rank's, on return every slice is there, the same bits on every rank. Nothing is added.
   *
   * @param buffer FLOAT32, FLOAT64 or BFLOAT16, its length a multiple of worldSize
   */
  void allGather(Tensor buffer);

  /** The sum of one number per rank, added in rank order; the same bits on every rank. */
  double allReduceSum(double value);

  /** Whether any rank says so; the same answer on every rank. */
  boolean allReduceOr(boolean value);

  /** Returns when every rank has called it. */
  void barrier();

  @Override
  void close();
}
