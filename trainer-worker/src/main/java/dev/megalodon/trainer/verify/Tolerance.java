package dev.megalodon.trainer.verify;

/** How far numbers may be from the expected ones. */
sealed interface Tolerance {
  /** How far they are. */
  Deviation deviation(String name, double[] expected, double[] actual);

  /** Every element by itself: |a − b| ≤ absolute + relative·|b|. */
  record Elementwise(double absolute, double relative) implements Tolerance {
    @Override
    public Deviation deviation(String name, double[] expected, double[] actual) {
      Deviation worst = new Deviation(name, 0, absolute);
      for (int i = 0; i < expected.length; i++) {
        double allowed = absolute + relative * Math.abs(expected[i]);
        Deviation here = new Deviation(name, Math.abs(actual[i] - expected[i]), allowed);
        worst = here.isWorseThan(worst) ? here : worst;
      }
      return worst;
    }
  }

  /** The tensor as a whole: ‖a − b‖ ≤ relative·‖b‖. */
  record Norm(double relative) implements Tolerance {
    @Override
    public Deviation deviation(String name, double[] expected, double[] actual) {
      double difference = 0;
      double norm = 0;
      for (int i = 0; i < expected.length; i++) {
        difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
        norm += expected[i] * expected[i];
      }
      double error = difference == 0 ? 0 : Math.sqrt(difference / norm);
      return new Deviation(name, error, relative);
    }
  }
}
