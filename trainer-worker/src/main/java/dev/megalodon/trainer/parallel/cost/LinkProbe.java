package dev.megalodon.trainer.parallel.cost;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.parallel.ChunkGroup;
import dev.megalodon.trainer.parallel.Ticker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Measures the links of a chunk group by gathers back to back: each ends when the slowest message
 * of the slowest rank is there, so the time between two ends is one trip through the network. Takes
 * a few dozen trips.
 */
public final class LinkProbe {
  private static final int WARM_UP = 8;
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
    medianNanos(Double.BYTES, WARM_UP);
    long latency = medianNanos(Double.BYTES, SMALL_ROUNDS);
    long large = medianNanos(LARGE_SHARE_BYTES, LARGE_ROUNDS);
    long sent = (group.size() - 1) * LARGE_SHARE_BYTES;
    long sending = Math.max(0, large - latency);
    return new LinkSpeed(latency, Math.ceilDiv(sending * MEBIBYTE, sent));
  }

  private long medianNanos(long shareBytes, int rounds) {
    long[] nanos = new long[rounds];
    try (Arena arena = Arena.ofConfined()) {
      long bytes = shareBytes * group.size();
      MemorySegment memory = arena.allocate(bytes, Double.BYTES);
      Tensor buffer = new Tensor(ElementType.FLOAT64, memory, bytes / Double.BYTES);
      long before = ticker.nanos();
      for (int round = 0; round < rounds; round++) {
        group.beginAllGather(buffer).await();
        long now = ticker.nanos();
        nanos[round] = now - before;
        before = now;
      }
    }
    Arrays.sort(nanos);
    return nanos[rounds / 2];
  }
}
