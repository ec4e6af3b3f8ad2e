package dev.megalodon.trainer.golden;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Compares many tensors, then fails naming the worst. A NaN is worse than everything. */
public final class Comparison {
  private record Result(String name, double score, Tolerance tolerance) {
    boolean passes() {
      return score <= 1; // false for NaN
    }
  }

  private final List<Result> results = new ArrayList<>();

  /** Compares a tensor. */
  public void add(String name, double[] expected, double[] actual, Tolerance tolerance) {
    if (expected.length != actual.length) {
      throw new AssertionError(
          "%s has %d elements, not %d".formatted(name, actual.length, expected.length));
    }
    results.add(new Result(name, tolerance.score(expected, actual), tolerance));
  }

  /** Compares a number. */
  public void add(String name, double expected, double actual, Tolerance tolerance) {
    add(name, new double[] {expected}, new double[] {actual}, tolerance);
  }

  /** Fails unless there was something to compare and all of it is close enough. */
  public void assertClose() {
    if (results.isEmpty()) {
      throw new AssertionError("nothing was compared");
    }
    List<Result> failed = results.stream().filter(result -> !result.passes()).toList();
    if (!failed.isEmpty()) {
      Result worst = failed.stream().max(Comparator.comparingDouble(Result::score)).orElseThrow();
      throw new AssertionError(
          "%d of %d tensors are off; the worst is %s, %.3g times what %s allows; also %s"
              .formatted(
                  failed.size(),
                  results.size(),
                  worst.name(),
                  worst.score(),
                  worst.tolerance(),
                  failed.stream().map(Result::name).limit(20).toList()));
    }
  }
}
