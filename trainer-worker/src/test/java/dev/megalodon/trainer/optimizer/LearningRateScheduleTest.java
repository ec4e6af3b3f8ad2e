package dev.megalodon.trainer.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.trainer.golden.Comparison;
import dev.megalodon.trainer.golden.Fixture;
import dev.megalodon.trainer.golden.Tolerance;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LearningRateScheduleTest {
  @ParameterizedTest
  @EnumSource(LearningRateSchedule.Shape.class)
  void shouldGiveTheGoldenFactors(LearningRateSchedule.Shape shape) throws IOException {
    try (Fixture fixture = Fixture.open("op_optim")) {
      JsonNode config = fixture.config().get("sched");
      LearningRateSchedule schedule =
          new LearningRateSchedule(
              shape,
              1,
              config.get("warmup").longValue(),
              config.get("total").longValue(),
              config.get("init_ratio").doubleValue(),
              config.get("end_ratio").doubleValue(),
              config.get("cycles").doubleValue());
      double[] factors =
          Arrays.stream(fixture.integers("sched.step")).mapToDouble(schedule::factor).toArray();
      String name = "sched." + shape.name().toLowerCase(Locale.ROOT);
      Comparison comparison = new Comparison();
      comparison.add(name, fixture.numbers(name), factors, new Tolerance.Elementwise(1e-14, 1e-14));
      comparison.assertClose();
    }
  }

  @Test
  void shouldMultiplyThePeak() throws IOException {
    try (Fixture fixture = Fixture.open("op_optim")) {
      LearningRateSchedule schedule =
          new LearningRateSchedule(LearningRateSchedule.Shape.LINEAR, 0.01, 2, 5, 1e-4, 0.01, 1);
      for (int step = 0; step < 5; step++) {
        assertEquals(fixture.number("lr" + (step + 1)), schedule.rate(step), 1e-16);
      }
    }
  }

  @Test
  void shouldNeedNoWarmUp() {
    LearningRateSchedule schedule =
        new LearningRateSchedule(LearningRateSchedule.Shape.LINEAR, 2, 0, 4, 1e-4, 0, 1);
    assertEquals(2, schedule.rate(0));
    assertEquals(1, schedule.rate(2));
    assertEquals(0, schedule.rate(4));
  }
}
