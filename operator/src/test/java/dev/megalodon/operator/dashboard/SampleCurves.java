package dev.megalodon.operator.dashboard;

import dev.megalodon.crds.contract.Curve;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

/** Curves for tests. */
final class SampleCurves {
  private SampleCurves() {}

  /** Steps 1 to {@code last}, each with a loss of its inverse, by incarnation 1 of rank 0. */
  static Curve upTo(long last, String jobUid, long revision) {
    List<Long> steps = LongStream.rangeClosed(1, last).boxed().toList();
    return new Curve(
        jobUid,
        0,
        1,
        revision,
        steps,
        steps.stream().map(step -> 1_000 * step).toList(),
        steps.stream().map(step -> 1.0 / step).toList(),
        Collections.nCopies(steps.size(), 1.0),
        Collections.nCopies(steps.size(), Double.NaN),
        List.of(0L),
        List.of(5.5),
        List.of());
  }
}
