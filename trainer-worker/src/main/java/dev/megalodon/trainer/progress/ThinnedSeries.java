package dev.megalodon.trainer.progress;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Points along the steps of a run, at most so many: when they become more, every other one goes,
 * and from then on half as many come in. A point at a step that was passed replaces it and all
 * after it. Not for several threads at once.
 */
final class ThinnedSeries<T> {
  private final int most;
  private final ToLongFunction<T> stepOf;
  private final List<T> points = new ArrayList<>();
  private long stride = 1;

  ThinnedSeries(int most, ToLongFunction<T> stepOf) {
    this.most = most;
    this.stepOf = stepOf;
  }

  /** Takes in a point; returns whether others went for it. */
  boolean add(T point) {
    boolean rewritten = removeFrom(stepOf.applyAsLong(point));
    if (!points.isEmpty() && bucket(points.getLast()) == bucket(point)) {
      return rewritten;
    }
    points.add(point);
    return thin() || rewritten;
  }

  private boolean removeFrom(long step) {
    int before = points.size();
    while (!points.isEmpty() && stepOf.applyAsLong(points.getLast()) >= step) {
      points.removeLast();
    }
    return points.size() < before;
  }

  private boolean thin() {
    boolean thinned = false;
    while (points.size() > most) {
      stride *= 2;
      List<T> all = List.copyOf(points);
      points.clear();
      for (T point : all) {
        if (points.isEmpty() || bucket(points.getLast()) != bucket(point)) {
          points.add(point);
        }
      }
      thinned = true;
    }
    return thinned;
  }

  private long bucket(T point) {
    return stepOf.applyAsLong(point) / stride;
  }

  /** What is left, by rising step. */
  List<T> points() {
    return points;
  }
}
