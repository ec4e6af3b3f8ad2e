package dev.megalodon.trainer.parallel.cost;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.parallel.ChunkGroup;
import dev.megalodon.trainer.parallel.Ticker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures the links of a chunk group by gathers: each ends when the slowest message of the slowest
 * rank is there, so the time between two ends, less a pause, is one trip through the network. The
 * pause is as long as a small layer: drivers and waiting threads fall asleep in it, as they do in a
 * step, and waking them is part of a message's latency. Takes about a quarter of a second and a
 * hundred trips; most of them only warm up the code.
 */
public final class LinkProbe {
  private static final int WARM_UP = 64;
  private static final long PAUSE_NANOS = 4_000_000;
  private static final int SMALL_ROUNDS = 33;
  private static final int LARGE_ROUNDS = 5;
  private static final long LARGE_SHARE_BYTES = 1 << 18;
  private static final long MEBIBYTE = 1 << 20;

  private final ChunkGroup group;
  private final Ticker ticker;

  /** Measures this group; {@code ticker} measures time. */
  public LinkProbe(ChunkGroup group, Ticker ticker) {
    this.group = group;
    this.ticker = ticker;
  }

  /**
   * What this rank sees; every rank of the group calls it at the same point. Make ranks agree with
   * {@link LinkSpeed#slowest}.
   */
  public LinkSpeed measure() {
    if (group.size() == 1) {
      return new LinkSpeed(0, 0);
    }
    medianNanos(Double.BYTES, WARM_UP, 0);
    long latency = medianNanos(Double.BYTES, SMALL_ROUNDS, PAUSE_NANOS);
    long large = medianNanos(LARGE_SHARE_BYTES, LARGE_ROUNDS, PAUSE_NANOS);
    long sent = (group.size() - 1) * LARGE_SHARE_BYTES;
    long sending = Math.max(0, large - latency);
    return new LinkSpeed(latency, Math.ceilDiv(sending * MEBIBYTE, sent));
  }

  private long medianNanos(long shareBytes, int rounds, long pauseNanos) {
    long[] nanos = new long[rounds];
    try (Arena arena = Arena.ofConfined()) {
      long bytes = shareBytes * group.size();
      MemorySegment memory = arena.allocate(bytes, Double.BYTES);
      Tensor buffer = new Tensor(ElementType.FLOAT64, memory, bytes / Double.BYTES);
      long before = ticker.nanos();
      for (int round = 0; round < rounds; round++) {
        LockSupport.parkNanos(pauseNanos);
        group.beginAllGather(buffer).await();
        long now = ticker.nanos();
        nanos[round] = Math.max(0, now - before - pauseNanos);
        before = now;
      }
    }
    Arrays.sort(nanos);
    return nanos[rounds / 2];
  }
}
