package dev.megalodon.operator.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.RankTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlowRanksTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static ObservedProgress answer(double... compute) {
    List<RankTimes> times = new ArrayList<>();
    for (int rank = 0; rank < compute.length; rank++) {
      times.add(new RankTimes(rank, compute[rank], 0));
    }
    Progress idle = Progress.starting("uid", 0, 1, 10);
    return new ObservedProgress(
        new Progress(
            idle.jobUid(),
            0,
            1,
            Progress.Phase.TRAINING,
            1,
            1,
            10,
            1,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            0,
            "",
            null,
            null,
            List.of(),
            times),
        NOW);
  }

  private static List<Integer> slow(ObservedProgress answer, Map<Integer, Instant> since) {
    return SlowRanks.find(answer, 2, since).stream().map(SlowRank::rank).toList();
  }

  @Test
  void shouldCompareEachRankWithTheMedianOfTheOthers() {
    SlowRank slow = SlowRanks.find(answer(1, 1.2, 4, 1.1), 2, Map.of()).getFirst();
    assertEquals(2, slow.rank());
    assertEquals(4 / 1.1, slow.ratio(), 1e-9);
    assertEquals(Duration.ZERO, slow.lasting());
    assertEquals(List.of(3, 1), slow(answer(1, 4, 1, 5, 1), Map.of()), "the slowest first");
    assertEquals(List.of(1), slow(answer(1, 2), Map.of()), "one other is its own median");
  }

  @ParameterizedTest
  @CsvSource({"1.99", "0.1", "NaN"})
  void shouldNotNameWhoIsNot(double compute) {
    assertEquals(List.of(), slow(answer(1, 1, compute), Map.of()));
  }

  @Test
  void shouldIgnoreTheNoiseOfShortSteps() {
    assertEquals(List.of(), slow(answer(0.01, 0.01, 0.1), Map.of()));
    assertEquals(List.of(), slow(answer(0, 0, 0.2), Map.of()), "a ratio of nothing");
  }

  @Test
  void shouldRememberSinceWhenAndLetGoOnlyOfWhoIsClearlyNotSlow() {
    Map<Integer, Instant> since = Map.of(2, NOW.minusSeconds(40));
    List<SlowRank> slow = SlowRanks.find(answer(1, 1, 1.85), 2, since);
    assertEquals(Duration.ofSeconds(40), slow.getFirst().lasting());
    assertEquals(since, SlowRanks.since(slow, NOW));
    assertEquals(List.of(), slow(answer(1, 1, 1.75), since));
  }
}
