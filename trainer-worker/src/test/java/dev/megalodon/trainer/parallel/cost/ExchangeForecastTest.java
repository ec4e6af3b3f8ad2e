package dev.megalodon.trainer.parallel.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ExchangeForecastTest {
  private static final LayerTimes TIMES = new LayerTimes(400, 900, 30, 50, 200, 300, 100);
  private static final SummaryBytes BYTES = new SummaryBytes(1 << 10, 1 << 15);

  @Test
  void shouldCountWhatIsNotCovered() {
    LinkSpeed speed = new LinkSpeed(250, 1 << 10); // one nanosecond per KiB
    // g(norm) = 250 + 3 · 1, g(average) = 250 + 3 · 32.
    long forward = 30 + 253 + (346 - 200);
    long backward = 50 + (346 - 300) + (253 - 100);
    long gather = 24 * (forward + backward) + 2 * 253;
    long wavefront = 3 * (400 + 900 + 2 * (250 + 33));
    assertEquals(
        new ExchangeForecast(gather, wavefront), ExchangeForecast.of(4, 24, TIMES, BYTES, speed));
  }

  @Test
  void shouldCostNothingButSummariesWhereEverythingIsCovered() {
    LinkSpeed immediate = new LinkSpeed(0, 0);
    assertEquals(
        new ExchangeForecast(24 * 80, 3 * 1_300),
        ExchangeForecast.of(4, 24, TIMES, BYTES, immediate));
  }

  @Test
  void shouldAddNothingToASingleRank() {
    ExchangeForecast alone = ExchangeForecast.of(1, 24, TIMES, BYTES, new LinkSpeed(250, 1_024));
    assertEquals(new ExchangeForecast(0, 0), alone);
    assertEquals(ChunkExchange.ALL_GATHER, alone.decision());
  }

  @Test
  void shouldPreferGatherForManyRanksAndTheWavefrontForASlowNetwork() {
    LinkSpeed fast = new LinkSpeed(20, 1 << 10);
    LinkSpeed slow = new LinkSpeed(5_000, 1 << 10);
    assertEquals(
        ChunkExchange.ALL_GATHER, ExchangeForecast.of(8, 4, TIMES, BYTES, fast).decision());
    assertEquals(
        ChunkExchange.WAVEFRONT, ExchangeForecast.of(2, 24, TIMES, BYTES, slow).decision());
  }

  @Test
  void shouldRoundTimesUp() {
    assertEquals(8, new LinkSpeed(7, 1).nanosFor(1));
    assertEquals(8, new LinkSpeed(7, 1).nanosFor(1 << 20));
    assertEquals(9, new LinkSpeed(7, 1).nanosFor((1 << 20) + 1));
  }

  @Test
  void shouldRefuseWhatCannotBe() {
    LinkSpeed speed = new LinkSpeed(1, 1);
    assertThrows(IllegalArgumentException.class, () -> new LinkSpeed(-1, 0));
    assertThrows(IllegalArgumentException.class, () -> new SummaryBytes(0, -1));
    assertThrows(IllegalArgumentException.class, () -> new LayerTimes(0, 0, 0, 0, 0, -1, 0));
    assertThrows(
        IllegalArgumentException.class, () -> ExchangeForecast.of(0, 1, TIMES, BYTES, speed));
    LinkSpeed slower = new LinkSpeed(1, 2);
    assertThrows(ArithmeticException.class, () -> slower.nanosFor(Long.MAX_VALUE));
  }

  @Test
  void shouldReadItsOwnText() {
    for (ChunkExchange exchange : ChunkExchange.values()) {
      assertEquals(exchange, ChunkExchange.of(exchange.text()));
    }
    String refusal =
        assertThrows(IllegalArgumentException.class, () -> ChunkExchange.of("auto")).toString();
    assertTrue(refusal.contains("use one of allGather, wavefront"), refusal);
    assertTrue(
        new ExchangeForecast(3_000, 2_999).toString().startsWith("wavefront: "),
        "the text starts with the decision");
  }
}
