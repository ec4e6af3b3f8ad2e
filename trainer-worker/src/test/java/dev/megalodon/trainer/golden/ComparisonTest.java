package dev.megalodon.trainer.golden;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final List<Tolerance> TOLERANCES =
      List.of(new Tolerance.Elementwise(0.1, 0), new Tolerance.Norm(0.1));

  @Test
  void shouldAcceptWhatIsClose() {
    for (Tolerance tolerance : TOLERANCES) {
      Comparison comparison = new Comparison();
      comparison.add("x", new double[] {1, 2}, new double[] {1.05, 2.05}, tolerance);
      assertDoesNotThrow(comparison::assertClose);
    }
  }

  @Test
  void shouldFailOnNotANumberWhereverItStands() {
    for (Tolerance tolerance : TOLERANCES) {
      for (double[] actual : List.of(new double[] {Double.NaN, 2}, new double[] {1, Double.NaN})) {
        Comparison comparison = new Comparison();
        comparison.add("far", new double[] {1, 2}, new double[] {1e9, 2}, tolerance);
        comparison.add("undefined", new double[] {1, 2}, actual, tolerance);
        AssertionError error = assertThrows(AssertionError.class, comparison::assertClose);
        assertTrue(error.toString().contains("the worst is undefined"), error.toString());
      }
    }
  }

  @Test
  void shouldNameTheWorst() {
    Comparison comparison = new Comparison();
    comparison.add("good", 1, 1, TOLERANCES.getFirst());
    comparison.add("bad", 1, 2, TOLERANCES.getFirst());
    comparison.add("worse", 1, 3, TOLERANCES.getFirst());
    AssertionError error = assertThrows(AssertionError.class, comparison::assertClose);
    assertTrue(error.toString().contains("2 of 3"), error.toString());
    assertTrue(error.toString().contains("the worst is worse"), error.toString());
  }

  @Test
  void shouldFailWhenNothingWasCompared() {
    assertThrows(AssertionError.class, new Comparison()::assertClose);
  }

  @Test
  void shouldFailOnAnotherSize() {
    Comparison comparison = new Comparison();
    Tolerance tolerance = TOLERANCES.getFirst();
    assertThrows(
        AssertionError.class,
        () -> comparison.add("x", new double[] {1}, new double[] {1, 1}, tolerance));
  }
}
