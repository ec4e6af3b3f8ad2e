package dev.megalodon.kernels;

/** How two arrays differ. Every comparison fails on NaN. */
public final class Closeness {
  private Closeness() {}

  /**
   * Fails unless every element is within {@code absolute + relative·|expected|}.
   *
   * @throws AssertionError naming the first element that is not
   */
  public static void assertElements(
      String name, double[] expected, double[] actual, double absolute, double relative) {
    assertLength(name, expected, actual);
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs(expected[i] - actual[i]);
      if (!(difference <= absolute + relative * Math.abs(expected[i]))) {
        throw new AssertionError(
            "%s[%d]: expected %s, got %s".formatted(name, i, expected[i], actual[i]));
      }
    }
  }

  /**
   * Fails unless ‖actual − expected‖₂ ≤ {@code relative}·‖expected‖₂.
   *
   * @throws AssertionError with both norms
   */
  public static void assertNorm(String name, double[] expected, double[] actual, double relative) {
    assertLength(name, expected, actual);
    double differences = 0;
    double squares = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = expected[i] - actual[i];
      differences += difference * difference;
      squares += expected[i] * expected[i];
    }
    if (!(Math.sqrt(differences) <= relative * Math.sqrt(squares))) {
      throw new AssertionError(
          "%s: difference of norm %.3g against %.3g, more than %.1e of it"
              .formatted(name, Math.sqrt(differences), Math.sqrt(squares), relative));
    }
  }

  private static void assertLength(String name, double[] expected, double[] actual) {
    if (expected.length != actual.length) {
      throw new AssertionError(
          "%s has %d elements, not %d".formatted(name, actual.length, expected.length));
    }
  }
}
