package dev.megalodon.operator.observe;

import dev.megalodon.crds.contract.RankTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Finds the ranks that all others wait for in every step. */
final class SlowRanks {
  /** In steps of milliseconds anything may be twice as slow as anything else. */
  private static final double NOTICEABLE_SECONDS = 0.1;

  /** Who is slow already stays so until it is clearly not: names do not come and go. */
  private static final double HYSTERESIS = 0.9;

  private SlowRanks() {}

  /**
   * The ranks that are slow in an answer, the slowest first.
   *
   * @param answer has the times of at least two ranks
   * @param limit times the median of the others
   * @param since since when each rank has been slow, as of the answers before this one
   */
  static List<SlowRank> find(ObservedProgress answer, double limit, Map<Integer, Instant> since) {
    List<RankTimes> times = answer.progress().ranks();
    return times.stream()
        .map(rank -> compare(rank, times, answer.at(), since))
        .filter(rank -> isSlow(rank, since.containsKey(rank.rank()) ? HYSTERESIS * limit : limit))
        .sorted(Comparator.comparing(SlowRank::computeSeconds).reversed())
        .toList();
  }

  /** Since when each of these ranks has been slow, for the next answer. */
  static Map<Integer, Instant> since(List<SlowRank> slow, Instant at) {
    Map<Integer, Instant> since = new TreeMap<>();
    slow.forEach(rank -> since.put(rank.rank(), at.minus(rank.lasting())));
    return since;
  }

  private static SlowRank compare(
      RankTimes rank, List<RankTimes> all, Instant at, Map<Integer, Instant> since) {
    double others = medianOfOthers(rank.rank(), all);
    Duration lasting =
        Optional.ofNullable(since.get(rank.rank()))
            .map(begin -> Duration.between(begin, at))
            .orElse(Duration.ZERO);
    return new SlowRank(
        rank.rank(), rank.computeSeconds() / others, rank.computeSeconds(), lasting);
  }

  private static boolean isSlow(SlowRank rank, double limit) {
    double others = rank.computeSeconds() / rank.ratio();
    return Double.isFinite(rank.ratio())
        && rank.ratio() >= limit
        && rank.computeSeconds() - others >= NOTICEABLE_SECONDS;
  }

  private static double medianOfOthers(int rank, List<RankTimes> all) {
    double[] sorted =
        all.stream()
            .filter(other -> other.rank() != rank)
            .mapToDouble(RankTimes::computeSeconds)
            .sorted()
            .toArray();
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
