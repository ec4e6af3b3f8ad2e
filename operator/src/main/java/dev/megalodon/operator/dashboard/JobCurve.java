package dev.megalodon.operator.dashboard;

import dev.megalodon.crds.contract.Curve;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongFunction;

/** What is known of one job's curve, put together from answers that each tell only what is new. */
final class JobCurve {
  private volatile Optional<Curve> newest = Optional.empty();
  private Instant asked = Instant.MIN;

  Optional<Curve> newest() {
    return newest;
  }

  /**
   * Asks again unless that was done lately; who comes meanwhile waits for the answer.
   *
   * @param worker answers with what comes after a step
   */
  synchronized void refresh(Instant now, Duration age, LongFunction<Optional<Curve>> worker) {
    if (asked.isAfter(now.minus(age))) {
      return;
    }
    asked = now;
    long since = newest.map(Curve::lastStep).orElse(-1L);
    worker.apply(since).flatMap(answer -> joined(answer, since, worker)).ifPresent(this::keep);
  }

  private Optional<Curve> joined(Curve answer, long since, LongFunction<Optional<Curve>> worker) {
    if (since < 0) {
      return Optional.of(answer);
    }
    Curve known = newest.orElseThrow();
    return known.goesOnWith(answer) ? Optional.of(known.followedBy(answer)) : worker.apply(-1);
  }

  /** A rank 0 that was just replaced has not read yet what came before. */
  private void keep(Curve curve) {
    boolean emptier = curve.step().isEmpty() && newest.isPresent();
    newest = emptier ? newest : Optional.of(curve);
  }
}
