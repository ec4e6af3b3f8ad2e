package dev.megalodon.trainer.golden;

/** How far a tensor may be from the expected one. */
public sealed interface Tolerance {
  /** The error as a multiple of what is allowed; NaN when a number is. */
  double score(double[] expected, double[] actual);

  /** Every element by itself: |a − b| ≤ absolute + relative·|b|. */
  record Elementwise(double absolute, double relative) implements Tolerance {
    @Override
    public double score(double[] expected, double[] actual) {
      double worst = 0;
      for (int i = 0; i < expected.length; i++) {
        double allowed = absolute + relative * Math.abs(expected[i]);
        worst = Math.max(worst, Math.abs(actual[i] - expected[i]) / allowed); // max keeps NaN
      }
      return worst;
    }
  }

  /** The tensor as a whole: ‖a − b‖ ≤ relative·‖b‖. */
  record Norm(double relative) implements Tolerance {
    @Override
    public double score(double[] expected, double[] actual) {
      double difference = 0;
      double norm = 0;
      for (int i = 0; i < expected.length; i++) {
        difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
        norm += expected[i] * expected[i];
      }
      return Math.sqrt(difference) / (relative * Math.max(Math.sqrt(norm), Double.MIN_NORMAL));
    }
  }
}
