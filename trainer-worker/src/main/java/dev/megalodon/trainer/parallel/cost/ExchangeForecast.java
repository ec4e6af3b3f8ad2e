package dev.megalodon.trainer.parallel.cost;

/**
 * What each way of exchanging states adds to a micro-batch, forward and backward, in nanoseconds.
 *
 * <p>With R ranks, N layers, a latency of λ and t(b) = λ + the time to send b bytes:
 *
 * <ul>
 *   <li>All-gather is a barrier that every layer passes. A gather of shares of b bytes takes g(b) =
 *       t((R − 1) · b), and costs what no independent work covers:
 *       <pre>{@code
 * N · (summaries_f + g(norm) + max(0, g(average) − cover_f)
 *    + summaries_b + max(0, g(average) − cover_b) + max(0, g(norm) − normCover_b))
 *    + 2 · g(norm)                                       // the model's last norm
 *
 * }</pre>
 *   <li>The wavefront has no barrier: rank r runs r hops behind and keeps its distance through all
 *       layers, so the latency of a layer's message is hidden by the layers before it. A step pays
 *       the distance of the last rank once in either direction:
 *       <pre>{@code
 * (R − 1) · (states_f + states_b + 2 · t(norm + average))
 *
 * }</pre>
 * </ul>
 *
 * <p>So all-gather wins where ranks are many and layers' own work covers the network, the wavefront
 * where layers are many, ranks few, and the network slow. Everything is in whole numbers: equal
 * inputs give an equal forecast on every rank.
 *
 * @param allGatherNanos time that all-gather adds
 * @param wavefrontNanos time that the wavefront adds
 */
public record ExchangeForecast(long allGatherNanos, long wavefrontNanos) {
  /**
   * The forecast for a chunk group.
   *
   * @param ranks ranks of the group
   * @param layers layers of the model
   * @param times of the slowest rank, see {@link LayerTimes#slowest}
   * @param speed of the slowest link, see {@link LinkSpeed#slowest}
   */
  public static ExchangeForecast of(
      int ranks, int layers, LayerTimes times, SummaryBytes bytes, LinkSpeed speed) {
    if (ranks < 1 || layers < 1) {
      throw new IllegalArgumentException(
          "no model has %d layers on %d ranks".formatted(layers, ranks));
    }
    if (ranks == 1) {
      return new ExchangeForecast(0, 0);
    }
    return new ExchangeForecast(
        allGather(ranks - 1, layers, times, bytes, speed),
        wavefront(ranks - 1, times, bytes, speed));
  }

  /** The way that adds less; all-gather when both add the same. */
  public ChunkExchange decision() {
    return wavefrontNanos < allGatherNanos ? ChunkExchange.WAVEFRONT : ChunkExchange.ALL_GATHER;
  }

  @Override
  public String toString() {
    return "%s: all-gather adds %d us to a micro-batch, the wavefront %d us"
        .formatted(decision().text(), allGatherNanos / 1_000, wavefrontNanos / 1_000);
  }

  private static long allGather(
      int peers, int layers, LayerTimes times, SummaryBytes bytes, LinkSpeed speed) {
    long norm = speed.nanosFor(Math.multiplyExact(bytes.norm(), peers));
    long average = speed.nanosFor(Math.multiplyExact(bytes.average(), peers));
    long forward =
        times.summariesForward() + norm + Math.max(0, average - times.averageCoverForward());
    long backward =
        times.summariesBackward()
            + Math.max(0, average - times.averageCoverBackward())
            + Math.max(0, norm - times.normCoverBackward());
    return Math.addExact(Math.multiplyExact(layers, Math.addExact(forward, backward)), 2 * norm);
  }

  private static long wavefront(int peers, LayerTimes times, SummaryBytes bytes, LinkSpeed speed) {
    long message = speed.nanosFor(Math.addExact(bytes.norm(), bytes.average()));
    long hop = Math.addExact(times.statesForward() + times.statesBackward(), 2 * message);
    return Math.multiplyExact(peers, hop);
  }
}
