package dev.megalodon.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.golden.Comparison;
import dev.megalodon.trainer.golden.Fixture;
import dev.megalodon.trainer.golden.TestDevice;
import dev.megalodon.trainer.golden.TestDevice.Quantity;
import dev.megalodon.trainer.golden.Tolerance;
import dev.megalodon.trainer.optimizer.LearningRateSchedule;
import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.ranks.InMemoryRanks;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fifty steps of training with AdamW follow the fixture's trajectory, on one rank and on two that
 * share batch and optimizer.
 */
class TrainingGoldenTest {
  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldFollowTheTrajectory(TestDevice testDevice) throws Exception {
    InMemoryRanks.run(1, collectives -> train(testDevice, collectives));
  }

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldFollowTheTrajectoryOnTwoRanks(TestDevice testDevice) throws Exception {
    InMemoryRanks.run(2, collectives -> train(testDevice, collectives));
  }

  private static boolean train(TestDevice testDevice, Collectives collectives) throws IOException {
    try (Fixture fixture = Fixture.open("train_adamw");
        Device device = testDevice.open()) {
      new Run(fixture, testDevice, device, collectives).check();
      return true;
    }
  }

  private static final class Run {
    private final Fixture fixture;
    private final TestDevice testDevice;
    private final Device device;
    private final Collectives collectives;
    private final Comparison comparison = new Comparison();
    private final JsonNode json;
    private final LearningRateSchedule schedule;
    private final RankTraining training;
    private final int batch;
    private final int length;

    Run(Fixture fixture, TestDevice testDevice, Device device, Collectives collectives)
        throws IOException {
      this.fixture = fixture;
      this.testDevice = testDevice;
      this.device = device;
      this.collectives = collectives;
      json = fixture.config();
      batch = json.get("B").intValue() / collectives.worldSize();
      length = json.get("L").intValue();
      schedule = TrainingFixture.schedule(json);
      ModelConfig config = fixture.modelConfig();
      training =
          new RankTraining(
              device, collectives, config, batch, length, TrainingFixture.settings(json), schedule);
      fixture.loadParameters("init.", device, training.parameters());
    }

    void check() throws IOException {
      int[] tokens = fixture.integers("tokens"); // (steps, B, L + 1)
      for (int step = 0; step < json.get("steps").intValue(); step++) {
        int firstRow = (step * collectives.worldSize() + collectives.rank()) * batch;
        step(step, TrainingFixture.Batch.of(tokens, firstRow, batch, length));
      }
      Tolerance trained = testDevice.tolerance(Quantity.TRAINED);
      fixture.compare(comparison, "final.", device, training.parameters(), trained);
      if (collectives.worldSize() == 1) {
        compareMoments("exp_avg.", training.shard().firstMoment());
        compareMoments("exp_avg_sq.", training.shard().secondMoment());
      }
      comparison.assertClose();
    }

    private void step(int step, TrainingFixture.Batch rows) throws IOException {
      RankTraining.Result result = training.step(rows.inputs(), rows.targets());
      compare("lr", step, schedule.rate(step), new Tolerance.Elementwise(0, 1e-12));
      compare("loss", step, result.loss(), testDevice.tolerance(Quantity.LOSS));
      Tolerance norm = testDevice.tolerance(Quantity.GRADIENT_NORM);
      compare("grad_norm", step, result.gradientNorm(), norm);
    }

    private void compare(String name, int step, double actual, Tolerance tolerance)
        throws IOException {
      double expected = fixture.numbers(name)[step];
      comparison.add(name + " at step " + step, expected, actual, tolerance);
    }

    /** With one rank, the shard is laid out as the parameters are. */
    private void compareMoments(String prefix, Tensor shard) throws IOException {
      FlatTensors moments = new FlatTensors(training.parameters().layout(), shard);
      Tolerance tolerance = testDevice.tolerance(Quantity.MOMENTS);
      fixture.compare(comparison, prefix, device, moments, tolerance);
    }
  }
}
