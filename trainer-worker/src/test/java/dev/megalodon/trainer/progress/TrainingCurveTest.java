package dev.megalodon.trainer.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.Curve;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingCurveTest {
  private final TrainingCurve curve = new TrainingCurve();

  @Test
  void shouldTellEveryStepOfAShortRun() {
    make(curve, 1, 300);
    curve.evaluation(0, 5.5);
    curve.evaluation(100, 2.0 / 3);
    Curve told = told(curve);
    assertEquals(steps(1, 300), told.step());
    assertEquals(0.00333333, told.loss().getLast());
    assertEquals(1_000L * 300, told.time().getLast());
    assertEquals(List.of(0L, 100L), told.heldOutStep());
    assertEquals(List.of(5.5, 0.666667), told.heldOutLoss());
  }

  @ParameterizedTest
  @ValueSource(longs = {2_048, 2_049, 5_000, 1_000_000})
  void shouldStayWithinItsBoundAndSpreadOverTheWholeRun(long run) {
    make(curve, 1, run);
    List<Long> told = told(curve).step();
    assertTrue(told.size() <= Curve.MOST_POINTS, "points: " + told.size());
    assertTrue(told.size() >= Math.min(run, Curve.MOST_POINTS / 2), "points: " + told.size());
    long widest = 2 * run / Curve.MOST_POINTS + 2;
    for (int i = 1; i < told.size(); i++) {
      long gap = told.get(i) - told.get(i - 1);
      assertTrue(
          gap > 0 && gap <= widest, "a gap of %d before step %d".formatted(gap, told.get(i)));
    }
    assertTrue(told.getFirst() <= widest && told.getLast() > run - widest, told.toString());
  }

  @Test
  void shouldReplaceStepsThatAreMadeAgain() {
    make(curve, 1, 50);
    long before = told(curve).revision();
    curve.step(new TrainingCurve.Point(31, 99_000, 7, 1, 1));
    Curve told = told(curve);
    assertEquals(steps(1, 31), told.step());
    assertEquals(7.0, told.loss().getLast());
    assertTrue(told.revision() > before, "whoever has steps 32 to 50 must ask again");
  }

  @Test
  void shouldReplaceAmongThinnedSteps() {
    make(curve, 1, 10_000);
    make(curve, 5_001, 5_500);
    List<Long> told = told(curve).step();
    assertEquals(told.stream().sorted().distinct().toList(), told);
    assertTrue(told.getLast() <= 5_500 && told.getLast() > 5_490, told.getLast().toString());
  }

  @Test
  void shouldTellOnlyWhatIsNew() {
    make(curve, 1, 40);
    curve.evaluation(40, 3);
    Curve known = told(curve);
    make(curve, 41, 60);
    curve.evaluation(60, 2);
    Curve news = told(curve).since(known.lastStep());
    assertEquals(steps(41, 60), news.step());
    assertEquals(20, news.tokensPerSecond().size());
    assertTrue(known.goesOnWith(news));
    assertEquals(told(curve), known.followedBy(news));
    make(curve, 30, 30);
    assertFalse(known.goesOnWith(told(curve)), "step 31 to 40 are gone");
  }

  @Test
  void shouldTellWhatAnotherProcessDidBefore() {
    TrainingCurve before = new TrainingCurve();
    make(before, 1, 25);
    before.evaluation(0, 5);
    make(curve, 21, 30);
    curve.evaluation(24, 4);
    curve.precede(before);
    assertEquals(steps(1, 30), told(curve).step());
    assertEquals(List.of(0L, 24L), told(curve).heldOutStep());
  }

  @Test
  void shouldTellOfALossThatIsNoNumber() {
    curve.step(new TrainingCurve.Point(1, 0, Double.NaN, Double.POSITIVE_INFINITY, 1));
    String json = ProgressJson.write(told(curve));
    assertTrue(json.contains("\"loss\":[\"NaN\"],\"gradientNorm\":[\"Infinity\"]"), json);
  }

  @Test
  void shouldKeepTheNewestCheckpointsOnce() {
    for (long step = 1; step <= 40; step++) {
      curve.checkpoint(new Curve.Checkpoint(step, "2026-01-01T00:00:00Z", "folder-" + step, 0.5));
    }
    curve.checkpoint(new Curve.Checkpoint(40, "2026-01-01T00:00:00Z", "folder-40", 0));
    List<Long> kept = told(curve).checkpoints().stream().map(Curve.Checkpoint::step).toList();
    assertEquals(steps(25, 40), kept);
  }

  private static void make(TrainingCurve curve, long first, long last) {
    LongStream.rangeClosed(first, last)
        .forEach(
            step -> curve.step(new TrainingCurve.Point(step, 1_000 * step, 1.0 / step, 1, 512)));
  }

  private static Curve told(TrainingCurve curve) {
    return curve.told("uid", 0, 1);
  }

  private static List<Long> steps(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }
}
