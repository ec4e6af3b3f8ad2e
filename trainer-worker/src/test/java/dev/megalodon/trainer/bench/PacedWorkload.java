package dev.megalodon.trainer.bench;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.parallel.ChunkGroup;
import dev.megalodon.trainer.parallel.ChunkGroup.PendingGather;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.parallel.cost.LayerTimes;
import dev.megalodon.trainer.parallel.cost.SummaryBytes;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The messages of a model, of their true sizes and in their true order, between pauses that take as
 * long as its computation would. Pauses use no core, so ranks that outnumber the machine's cores
 * still run side by side, which real computation cannot.
 *
 * <p>Pauses are round numbers of the order of the convergence model's layers (4 sequences, 512
 * tokens a slice), not measured on this machine; there are twice as many layers.
 */
final class PacedWorkload implements Workload {
  private static final int LAYERS = 8;
  private static final long LAYER_FORWARD = micros(9_000);
  private static final long LAYER_BACKWARD = micros(20_000);
  private static final LayerTimes TIMES =
      new LayerTimes(
          micros(700),
          micros(900),
          micros(500),
          micros(1_900),
          micros(300),
          micros(900),
          micros(800),
          micros(1_600),
          micros(800));
  private static final SummaryBytes BYTES = new SummaryBytes(3 * 4 * 8 * 8, 2 * 4 * 128 * 16 * 4);
  private static final long SPIN_NANOS = 80_000;

  private final ChunkGroup group;
  private final Arena arena = Arena.ofConfined();
  private final Tensor normShares;
  private final Tensor averageShares;
  private final Tensor norm;
  private final Tensor average;
  private long due;

  PacedWorkload(ChunkGroup group) {
    this.group = group;
    this.normShares = tensor(BYTES.norm() * group.size());
    this.averageShares = tensor(BYTES.average() * group.size());
    this.norm = tensor(BYTES.norm());
    this.average = tensor(BYTES.average());
  }

  @Override
  public int layers() {
    return LAYERS;
  }

  @Override
  public LayerTimes times() {
    return TIMES;
  }

  @Override
  public SummaryBytes bytes() {
    return BYTES;
  }

  @Override
  public void step(ChunkExchange exchange) {
    due = System.nanoTime();
    switch (exchange) {
      case ALL_GATHER -> gatheringStep();
      case WAVEFRONT -> wavefrontStep();
    }
  }

  @Override
  public void close() {
    arena.close();
  }

  private void gatheringStep() {
    for (int layer = 0; layer < LAYERS; layer++) {
      compute(TIMES.summariesForward());
      exchangeBehind(normShares, 0);
      exchangeBehind(averageShares, TIMES.averageCoverForward());
      compute(LAYER_FORWARD - TIMES.averageCoverForward());
    }
    exchangeBehind(normShares, 0);
    exchangeBehind(normShares, 0);
    for (int layer = 0; layer < LAYERS; layer++) {
      compute(TIMES.summariesBackward());
      exchangeBehind(averageShares, TIMES.averageCoverBackward());
      exchangeBehind(normShares, TIMES.normCoverBackward());
      compute(LAYER_BACKWARD - TIMES.averageCoverBackward() - TIMES.normCoverBackward());
    }
  }

  private void exchangeBehind(Tensor shares, long cover) {
    if (group.size() == 1) {
      compute(cover);
      return;
    }
    PendingGather pending = group.beginAllGather(shares);
    compute(cover);
    pending.await();
    due = Math.max(due, System.nanoTime());
  }

  private void wavefrontStep() {
    int rank = group.rank();
    for (int layer = 0; layer < LAYERS; layer++) {
      hop(rank - 1, norm, TIMES.normForward(), rank + 1);
      compute(TIMES.averageCoverForward());
      hop(rank - 1, average, TIMES.averageForward(), rank + 1);
      compute(
          LAYER_FORWARD
              - TIMES.normForward()
              - TIMES.averageCoverForward()
              - TIMES.averageForward());
    }
    hop(rank - 1, norm, 0, rank + 1);
    hop(rank + 1, norm, 0, rank - 1);
    for (int layer = 0; layer < LAYERS; layer++) {
      hop(rank + 1, average, TIMES.averageBackward(), rank - 1);
      compute(TIMES.normCoverBackward());
      hop(rank + 1, norm, TIMES.normBackward(), rank - 1);
      compute(
          LAYER_BACKWARD
              - TIMES.averageBackward()
              - TIMES.normCoverBackward()
              - TIMES.normBackward());
    }
  }

  /** Receives from one neighbour, computes, and sends to the other, where there are such. */
  private void hop(int from, Tensor message, long nanos, int to) {
    if (isMember(from)) {
      group.receive(from, message);
      due = Math.max(due, System.nanoTime());
    }
    compute(nanos);
    if (isMember(to)) {
      group.send(to, message);
    }
  }

  private boolean isMember(int rank) {
    return rank >= 0 && rank < group.size();
  }

  /** Sleeps until computation that began when the last one ended would be over. */
  private void compute(long nanos) {
    due += nanos;
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      if (left > SPIN_NANOS) {
        LockSupport.parkNanos(left - SPIN_NANOS);
      } else {
        Thread.onSpinWait();
      }
    }
  }

  private Tensor tensor(long bytes) {
    return new Tensor(
        ElementType.FLOAT32, arena.allocate(bytes, Double.BYTES), bytes / Float.BYTES);
  }

  private static long micros(long micros) {
    return TimeUnit.MICROSECONDS.toNanos(micros);
  }
}
