package dev.megalodon.trainer.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.Curve;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggedCurveTest {
  private static final Instant BEGUN = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path folder;
  private final StringBuilder log = new StringBuilder();

  @Test
  void shouldTellWhatTheLogSays() throws IOException {
    steps("1.1", 1, 20);
    log.append("{\"kind\":\"evaluation\",\"step\":20,\"heldOutLossBits\":\"0x1.8p0\"}\n");
    Curve read = read();
    assertEquals(range(1, 20), read.step());
    assertEquals(0.05, read.loss().getLast());
    assertEquals(512.0, read.tokensPerSecond().getLast());
    assertEquals(BEGUN.plusSeconds(20).toEpochMilli(), read.time().getLast());
    assertEquals(List.of(1.5), read.heldOutLoss());
  }

  @Test
  void shouldTellTheLastOfSeveralLinesForAStep() throws IOException {
    steps("1.1", 1, 20);
    steps("2.2", 11, 15);
    Curve read = read();
    assertEquals(range(1, 15), read.step());
    assertTrue(read.tokensPerSecond().get(10).isNaN(), "the first step after a loss has no speed");
  }

  @Test
  void shouldPassOverTornLines() throws IOException {
    steps("1.1", 1, 3);
    log.append("{\"kind\":\"step\",\"step\":4,\"los\n{\"kind\":\"step\",\"step\":5}\nnull\n[1]\n");
    steps("1.1", 6, 8);
    log.append("{\"kind\":");
    assertEquals(List.of(1L, 2L, 3L, 6L, 7L, 8L), read().step());
  }

  @Test
  void shouldReadPiecesOfALongLog() throws IOException {
    long run = 100_000;
    steps("1.1", 1, run);
    long size = Files.size(write());
    assertTrue(size > 2L * Curve.MOST_POINTS * LoggedCurve.PIECE_BYTES, "bytes: " + size);
    List<Long> steps = read().step();
    assertTrue(steps.size() > Curve.MOST_POINTS / 4, "points: " + steps.size());
    assertTrue(steps.getFirst() < 200 && steps.getLast() > run - 200, steps.toString());
    for (int i = 1; i < steps.size(); i++) {
      assertTrue(steps.get(i) - steps.get(i - 1) < run / 100, "a gap before " + steps.get(i));
    }
  }

  @Test
  void shouldBeEmptyWithoutALog() {
    assertEquals(List.of(), told(folder.resolve("absent")).step());
    assertEquals(List.of(), told(folder).step());
  }

  private void steps(String epoch, long first, long last) {
    for (long step = first; step <= last; step++) {
      log.append(
          """
          {"kind":"step","step":%d,"epoch":"%s","time":"%s","loss":%s,"lossBits":"%s",\
          "gradientNorm":1.0,"gradientNormBits":"0x1.0p0","learningRate":0.001,"tokens":%d}
          """
              .formatted(
                  step,
                  epoch,
                  BEGUN.plusSeconds(step),
                  1.0 / step,
                  Double.toHexString(1.0 / step),
                  512 * step));
    }
  }

  private Path write() throws IOException {
    return Files.writeString(folder.resolve(StepLog.FILE), log);
  }

  private Curve read() throws IOException {
    return told(write());
  }

  private static Curve told(Path file) {
    return LoggedCurve.read(file).told("uid", 0, 1);
  }

  private static List<Long> range(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }
}
