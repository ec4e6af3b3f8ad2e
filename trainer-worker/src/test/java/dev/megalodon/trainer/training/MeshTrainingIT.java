package dev.megalodon.trainer.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.ParallelismSpec.ChunkExchange;
import dev.megalodon.trainer.training.TrialJob.Variant;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole runs in which ranks share sequences of three chunks, so that slices are unequal: they learn
 * what one rank learns, and are as exact when ranks are killed.
 */
class MeshTrainingIT {
  private static final double TOLERANCE = 2e-5;

  @TempDir Path folder;

  static Stream<Arguments> meshes() {
    return Stream.of(
        Arguments.of("data parallel", Variant.mesh(4, 1)),
        Arguments.of("chunk parallel", Variant.mesh(1, 3)),
        Arguments.of("both", Variant.mesh(2, 2)),
        Arguments.of("wavefront", Variant.mesh(2, 2).with(ChunkExchange.WAVEFRONT)),
        Arguments.of("measured", Variant.mesh(1, 2).with(ChunkExchange.AUTO)),
        Arguments.of("recomputing", Variant.mesh(1, 2).recomputing()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("meshes")
  void shouldLearnWhatOneRankLearns(String name, Variant variant) throws Exception {
    assertClose(run("alone", Variant.mesh(1, 1)), run("mesh", variant));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("meshes")
  void shouldCarryStateAsOneRankDoes(String name, Variant variant) throws Exception {
    assertClose(
        run("alone", Variant.mesh(1, 1).carryingState()), run("mesh", variant.carryingState()));
  }

  @Test
  void shouldReadOnWhereTheStepBeforeStopped() throws Exception {
    double[] carried = run("carried", Variant.mesh(1, 1).carryingState());
    double[] afresh = run("afresh", Variant.mesh(1, 1).inOrder());
    assertEquals(afresh[0], carried[0], "the first step has nothing to go on from");
    assertNotEquals(afresh[1], carried[1]);
  }

  @Test
  void shouldGoOnExactlyWithCarriedState() throws Exception {
    Variant variant = Variant.mesh(2, 2).carryingState();
    Trials.Outcome expected = Trials.run(new TrialJob(folder.resolve("calm"), variant));
    TrialJob job = new TrialJob(folder.resolve("killed"), variant);
    List<TrialJob.Rank> ranks = new ArrayList<>();
    for (int rank = 0; rank < 4; rank++) {
      ranks.add(job.start(rank, rank == 3 ? Trials.killAfter(10) : TrainingRun.Faults.NONE));
    }
    Trials.assertKilled(ranks.get(3));
    ranks.set(3, job.start(3, TrainingRun.Faults.NONE));
    assertEquals(expected, Trials.finish(job, ranks));
  }

  @Test
  void shouldKeepWhatWasMeasured() throws Exception {
    Variant variant = Variant.mesh(1, 2).with(ChunkExchange.AUTO);
    TrialJob job = new TrialJob(folder, variant);
    Files.createDirectories(job.jobFolder());
    Files.writeString(job.jobFolder().resolve("chunk-exchange"), "wavefront\n");
    Trials.run(job);
    String numerics = Trials.store(job).newestVerified(e -> {}).orElseThrow().manifest().numerics();
    assertTrue(numerics.endsWith("chunk exchange wavefront"), numerics);
  }

  private double[] run(String name, Variant variant) throws Exception {
    return Trials.run(new TrialJob(folder.resolve(name), variant)).lossNumbers();
  }

  private static void assertClose(double[] expected, double[] actual) {
    assertEquals(expected.length, actual.length);
    double worst = 0;
    for (int step = 0; step < expected.length; step++) {
      worst = Math.max(worst, Math.abs(actual[step] - expected[step]));
    }
    assertTrue(worst <= TOLERANCE, "losses are off by " + worst);
  }
}
