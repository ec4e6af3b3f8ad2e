package dev.megalodon.trainer.cli.jobs;

import java.util.Arrays;
import java.util.List;

/** Numbers as one line of small bars. */
final class Sparkline {
  private Sparkline() {}

  /**
   * The line, at most so many columns: each stands for the mean of its share of the numbers.
   *
   * @param values finite numbers
   * @param levels marks of rising height
   */
  static String of(List<Double> values, int columns, String levels) {
    double[] means = means(values, Math.min(columns, values.size()));
    double lowest = Arrays.stream(means).min().orElse(0);
    double highest = Arrays.stream(means).max().orElse(0);
    StringBuilder line = new StringBuilder();
    for (double mean : means) {
      double share = highest > lowest ? (mean - lowest) / (highest - lowest) : 0;
      line.append(levels.charAt((int) Math.round(share * (levels.length() - 1))));
    }
    return line.toString();
  }

  private static double[] means(List<Double> values, int columns) {
    double[] means = new double[Math.max(0, columns)];
    for (int column = 0; column < means.length; column++) {
      int from = column * values.size() / columns;
      int to = (column + 1) * values.size() / columns;
      means[column] =
          values.subList(from, to).stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }
    return means;
  }
}
