package dev.megalodon.kernels;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** The comparisons that all numeric tests rest on. */
class ClosenessTest {
  private static final double[] ONE_TWO = {1, 2};

  @Test
  void shouldAcceptWhatIsWithinTolerance() {
    assertDoesNotThrow(
        () -> Closeness.assertElements("x", ONE_TWO, new double[] {1.05, 2.1}, 0, 0.051));
    assertDoesNotThrow(() -> Closeness.assertNorm("x", ONE_TWO, new double[] {1, 2.1}, 0.05));
  }

  @Test
  void shouldRejectWhatIsNot() {
    assertFails(() -> Closeness.assertElements("x", ONE_TWO, new double[] {1, 2.1}, 0.01, 0.01));
    assertFails(() -> Closeness.assertNorm("x", ONE_TWO, new double[] {1, 2.2}, 0.05));
    assertFails(() -> Closeness.assertNorm("x", ONE_TWO, new double[] {1}, 1));
  }

  @Test
  void shouldRejectNotANumberOnEitherSide() {
    double[] broken = {1, Double.NaN};
    assertFails(() -> Closeness.assertElements("x", ONE_TWO, broken, 1e9, 1e9));
    assertFails(() -> Closeness.assertElements("x", broken, ONE_TWO, 1e9, 1e9));
    assertFails(() -> Closeness.assertNorm("x", ONE_TWO, broken, 1e9));
    assertFails(() -> Closeness.assertNorm("x", broken, ONE_TWO, 1e9));
  }

  private static void assertFails(Runnable comparison) {
    assertThrows(AssertionError.class, comparison::run);
  }
}
