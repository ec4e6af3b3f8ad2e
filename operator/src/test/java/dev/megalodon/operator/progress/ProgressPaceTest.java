package dev.megalodon.operator.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressPaceTest {
  private static final ProgressPace PACE = new ProgressPace(Duration.ofSeconds(5), 20);

  @ParameterizedTest
  @CsvSource({"0, 5000", "1, 5000", "100, 5000", "101, 5050", "1000, 50000"})
  void shouldShareTheWritesAmongTheJobs(int jobs, long milliseconds) {
    assertEquals(Duration.ofMillis(milliseconds), PACE.of(jobs));
  }
}
