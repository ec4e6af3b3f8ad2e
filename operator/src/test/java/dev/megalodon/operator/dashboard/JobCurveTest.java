package dev.megalodon.operator.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.crds.contract.Curve;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobCurveTest {
  private static final Duration AGE = Duration.ofSeconds(2);
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final JobCurve curve = new JobCurve();
  private final List<Long> asked = new ArrayList<>();
  private Optional<Curve> worker = Optional.empty();

  private void refresh(int second) {
    curve.refresh(
        START.plusSeconds(second),
        AGE,
        since -> {
          asked.add(since);
          return worker.map(all -> all.since(since));
        });
  }

  @Test
  void shouldAskOnlyForWhatIsNew() {
    worker = Optional.of(SampleCurves.upTo(10, "uid", 0));
    refresh(0);
    worker = Optional.of(SampleCurves.upTo(25, "uid", 0));
    refresh(1);
    assertEquals(10, curve.newest().orElseThrow().lastStep(), "asked a second ago");
    refresh(2);
    assertEquals(worker, curve.newest());
    assertEquals(List.of(-1L, 10L), asked);
  }

  @Test
  void shouldAskForAllWhenPointsAreGone() {
    worker = Optional.of(SampleCurves.upTo(30, "uid", 0));
    refresh(0);
    worker = Optional.of(SampleCurves.upTo(12, "uid", 1));
    refresh(2);
    assertEquals(worker, curve.newest());
    assertEquals(List.of(-1L, 30L, -1L), asked);
  }

  @Test
  void shouldKeepWhatItHasWhenNobodyAnswersOrKnowsLess() {
    worker = Optional.of(SampleCurves.upTo(30, "uid", 0));
    Optional<Curve> known = worker;
    refresh(0);
    worker = Optional.empty();
    refresh(2);
    assertEquals(known, curve.newest());
    worker = Optional.of(SampleCurves.upTo(0, "uid", 9));
    refresh(4);
    assertEquals(known, curve.newest(), "a new rank 0 has not read the log yet");
  }
}
