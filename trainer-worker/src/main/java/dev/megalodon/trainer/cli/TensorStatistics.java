package dev.megalodon.trainer.cli;

/**
 * A tensor in a few numbers; those that are not finite are only counted.
 *
 * @param mean of the finite elements
 * @param rootMeanSquare of the finite elements
 * @param minimum of the finite elements
 * @param maximum of the finite elements
 * @param notFinite how many are infinite or no number
 */
record TensorStatistics(
    double mean, double rootMeanSquare, double minimum, double maximum, long notFinite) {
  static TensorStatistics of(double[] values) {
    double sum = 0;
    double squares = 0;
    double minimum = Double.POSITIVE_INFINITY;
    double maximum = Double.NEGATIVE_INFINITY;
    long notFinite = 0;
    for (double value : values) {
      if (!Double.isFinite(value)) {
        notFinite++;
        continue;
      }
      sum += value;
      squares += value * value;
      minimum = Math.min(minimum, value);
      maximum = Math.max(maximum, value);
    }
    double count = values.length - notFinite;
    return new TensorStatistics(
        sum / count, Math.sqrt(squares / count), minimum, maximum, notFinite);
  }
}
