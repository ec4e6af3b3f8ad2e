package dev.megalodon.trainer.cli.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The course of a training.
 *
 * @param points in the order of their steps
 * @param remark why it is not the whole course, if it is not
 */
record History(List<Point> points, Optional<String> remark) {
  /** Nothing is known yet. */
  static final History NONE = new History(List.of(), Optional.empty());

  /**
   * A step; numbers that are not known are NaN.
   *
   * @param step counted from 1
   */
  record Point(long step, double loss, double gradientNorm, double tokensPerSecond) {}

  History {
    points = List.copyOf(points);
  }

  /** Without steps from here on, which are being made again, and with this one. */
  History with(Point point) {
    List<Point> more = new ArrayList<>(points);
    more.removeIf(known -> known.step() >= point.step());
    more.add(point);
    return new History(more, remark);
  }

  /** The points at which something is known. */
  List<Point> known(Metric metric) {
    return points.stream().filter(point -> Double.isFinite(metric.of(point))).toList();
  }
}
