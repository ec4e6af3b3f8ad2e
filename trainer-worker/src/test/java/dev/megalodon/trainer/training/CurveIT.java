package dev.megalodon.trainer.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.Curve;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The curve that rank 0 tells of a run, whoever was lost in it. */
class CurveIT {
  private static final int RANKS = 2;
  private static final Duration BOUND = Duration.ofSeconds(60);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldHaveEveryStepOnceAfterALoss(int victim) throws Exception {
    TrialJob job = new TrialJob(folder, RANKS);
    List<TrialJob.Rank> ranks = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      ranks.add(job.start(rank, rank == victim ? Trials.killAfter(10) : TrainingRun.Faults.NONE));
    }
    Trials.assertKilled(ranks.get(victim));
    ranks.set(victim, job.start(victim, TrainingRun.Faults.NONE));
    Trials.finish(job, ranks);
    Curve curve = whole(ranks.getFirst());
    assertEquals(LongStream.rangeClosed(1, TrialJob.STEPS).boxed().toList(), curve.step());
    assertLogged(StepLogReader.losses(job.jobFolder()), curve.step(), curve.loss());
    assertLogged(
        StepLogReader.heldOutLosses(job.jobFolder()), curve.heldOutStep(), curve.heldOutLoss());
    assertEquals(TrialJob.STEPS, curve.checkpoints().getLast().step());
  }

  @Test
  void shouldBeRankZerosAlone() throws Exception {
    TrialJob job = new TrialJob(folder, RANKS);
    List<TrialJob.Rank> ranks = Trials.startAll(job);
    Trials.finish(job, ranks);
    assertEquals(TrialJob.STEPS, told(ranks.getFirst()).step().size());
    assertTrue(told(ranks.getLast()).step().isEmpty());
  }

  /** The log is read beside the training. */
  private static Curve whole(TrialJob.Rank rank) throws InterruptedException {
    Instant end = Instant.now().plus(BOUND);
    while (told(rank).step().size() < TrialJob.STEPS && Instant.now().isBefore(end)) {
      Thread.sleep(20);
    }
    return told(rank);
  }

  private static Curve told(TrialJob.Rank rank) {
    return rank.board().curve().told("uid", 0, 1);
  }

  private static void assertLogged(
      SortedMap<Long, String> logged, List<Long> steps, List<Double> values) {
    assertEquals(List.copyOf(logged.keySet()), steps);
    for (int i = 0; i < steps.size(); i++) {
      double exact = Double.parseDouble(logged.get(steps.get(i)));
      assertEquals(exact, values.get(i), 1e-5 * exact, "step " + steps.get(i));
    }
  }
}
