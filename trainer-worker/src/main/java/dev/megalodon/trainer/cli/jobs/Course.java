package dev.megalodon.trainer.cli.jobs;

import java.util.List;

/**
 * A metric over steps, and the ranges that its picture spans.
 *
 * @param points at least one; the metric is known at each
 */
record Course(Metric metric, List<History.Point> points) {
  /** From 0 on the left to 1 on the right. */
  double x(History.Point point) {
    long span = lastStep() - firstStep();
    return span == 0 ? 0 : (double) (point.step() - firstStep()) / span;
  }

  /** From 0 at the bottom to 1 at the top. */
  double y(History.Point point) {
    double span = highest() - lowest();
    return span == 0 ? 0.5 : (metric.of(point) - lowest()) / span;
  }

  long firstStep() {
    return points.getFirst().step();
  }

  long lastStep() {
    return points.getLast().step();
  }

  double lowest() {
    return points.stream().mapToDouble(metric::of).min().orElseThrow();
  }

  double highest() {
    return points.stream().mapToDouble(metric::of).max().orElseThrow();
  }

  /** A value in four digits or so. */
  static String label(double value) {
    return Math.abs(value) >= 1000 ? Words.count(value) : Words.loss(value);
  }
}
