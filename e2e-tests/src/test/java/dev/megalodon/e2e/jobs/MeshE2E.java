package dev.megalodon.e2e.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * However the ranks share the work, the model learns the same: one rank, four that share the batch,
 * four that share every sequence, and two by two.
 */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MeshE2E {
  private static final int STEPS = 50;
  private static final double LOSS_TOLERANCE = 2e-5;
  private static final double NORM_TOLERANCE = 1e-4;
  private static final double PARAMETER_TOLERANCE = 1e-3;

  private final Workspace workspace;

  MeshE2E(EmbeddedCluster cluster) {
    this.workspace = Workspace.create(cluster, "mesh");
  }

  @AfterAll
  void close() {
    workspace.close();
  }

  /** What a run came to. */
  private record Outcome(double[] losses, double[] gradientNorms, Parameters parameters) {}

  @Test
  void shouldTrainTheSameModelOnEveryMesh() {
    Outcome alone = train("alone", 1, 1, "allGather");
    assertEquals(STEPS, alone.losses().length);
    assertTrue(
        alone.losses()[STEPS - 1] < alone.losses()[0] - 1,
        "it learns: %s to %s".formatted(alone.losses()[0], alone.losses()[STEPS - 1]));
    assertSame("data-parallel", alone, train("data-parallel", 4, 1, "allGather"));
    assertSame("chunk-parallel", alone, train("chunk-parallel", 4, 4, "allGather"));
    assertSame("two-by-two", alone, train("two-by-two", 4, 2, "allGather"));
    assertSame("wavefront", alone, train("wavefront", 4, 4, "wavefront"));
  }

  private Outcome train(String name, int workers, int chunkParallel, String chunkExchange) {
    workspace
        .apply(
            TinyJob.named(name)
                .with(Setting.WORKERS, workers)
                .with(Setting.CHUNK_PARALLEL, chunkParallel)
                .with(Setting.CHUNK_EXCHANGE, chunkExchange)
                .with(Setting.STEPS, STEPS))
        .successful();
    workspace.awaitComplete(name);
    StepRecords steps = workspace.steps(name);
    Parameters parameters = Parameters.parse(workspace.finalParameters(name));
    workspace.kubectl("delete", "mtj", name, "--timeout=3m").successful();
    return new Outcome(steps.losses(), steps.gradientNorms(), parameters);
  }

  private static void assertSame(String name, Outcome expected, Outcome actual) {
    assertEquals(STEPS, actual.losses().length, name);
    double lossDistance = 0;
    double normDistance = 0;
    for (int step = 0; step < STEPS; step++) {
      double norm = expected.gradientNorms()[step];
      lossDistance =
          Math.max(lossDistance, Math.abs(actual.losses()[step] - expected.losses()[step]));
      normDistance = Math.max(normDistance, Math.abs(actual.gradientNorms()[step] - norm) / norm);
    }
    assertEquals(expected.parameters().byName().keySet(), actual.parameters().byName().keySet());
    double parameterDistance =
        expected.parameters().byName().keySet().stream()
            .mapToDouble(key -> actual.parameters().relativeDistance(expected.parameters(), key))
            .reduce(0, Math::max);
    String distances =
        String.format(
            Locale.ROOT,
            "%s: loss off by %.2e, gradient norm by %.2e, parameters by %.2e",
            name,
            lossDistance,
            normDistance,
            parameterDistance);
    System.out.println(distances);
    assertTrue(lossDistance <= LOSS_TOLERANCE, distances);
    assertTrue(normDistance <= NORM_TOLERANCE, distances);
    assertTrue(parameterDistance <= PARAMETER_TOLERANCE, distances);
  }
}
