package dev.megalodon.trainer.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.checkpoint.FileDigest;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/** Runs trial jobs, breaks them, and says what came out. */
final class Trials {
  static final int BOUND_SECONDS = 300;

  private Trials() {}

  /** What a run comes to, to the bit. */
  record Outcome(
      SortedMap<Long, String> losses,
      SortedMap<Long, String> heldOutLosses,
      String parametersSha256) {
    /** The losses of all steps in order. */
    double[] lossNumbers() {
      return losses.values().stream().mapToDouble(Double::parseDouble).toArray();
    }
  }

  /** Starts all ranks; nothing breaks. */
  static List<TrialJob.Rank> startAll(TrialJob job) {
    return IntStream.range(0, job.worldSize())
        .mapToObj(rank -> job.start(rank, TrainingRun.Faults.NONE))
        .toList();
  }

  /** Waits until all ranks have completed. */
  static Outcome finish(TrialJob job, List<TrialJob.Rank> ranks) throws Exception {
    for (TrialJob.Rank rank : ranks) {
      assertEquals(ExitCode.COMPLETE, rank.end().get(BOUND_SECONDS, TimeUnit.SECONDS));
    }
    StoredCheckpoint last = store(job).newestVerified(problem -> {}).orElseThrow();
    assertEquals(TrialJob.STEPS, last.manifest().step());
    return new Outcome(
        StepLogReader.losses(job.jobFolder()),
        StepLogReader.heldOutLosses(job.jobFolder()),
        parameters(last));
  }

  /** A run that nothing disturbs. */
  static Outcome run(TrialJob job) throws Exception {
    return finish(job, startAll(job));
  }

  private static String parameters(StoredCheckpoint checkpoint) {
    return checkpoint.manifest().files().stream()
        .filter(file -> file.name().equals(Manifest.PARAMETERS))
        .map(FileDigest::sha256)
        .findFirst()
        .orElseThrow();
  }

  /** Kills a process when its step is done and nothing of it is saved. */
  static TrainingRun.Faults killAfter(long step) {
    return done -> {
      if (done == step) {
        throw new TrialJob.Killed(step);
      }
    };
  }

  /** Ends ranks in the middle of a step, all of them at once. */
  static TrainingRun.Faults killWithin(
      long victimStep, TrainingRun.StepPhase phase, CyclicBarrier together) {
    return new TrainingRun.Faults() {
      @Override
      public void afterStep(long step) {}

      @Override
      public void within(long step, TrainingRun.StepPhase reached) {
        if (step == victimStep && reached == phase) {
          await(together);
          throw new TrialJob.Killed("in step %d, %s".formatted(step, reached));
        }
      }
    };
  }

  private static void await(CyclicBarrier together) {
    try {
      together.await(BOUND_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException("the others that are to die did not come", e);
    }
  }

  /** Waits until a process was killed. */
  static void assertKilled(TrialJob.Rank rank) {
    ExecutionException end =
        assertThrows(
            ExecutionException.class, () -> rank.end().get(BOUND_SECONDS, TimeUnit.SECONDS));
    assertInstanceOf(TrialJob.Killed.class, end.getCause());
  }

  /** A job's checkpoints. */
  static CheckpointStore store(TrialJob job) {
    return new CheckpointStore(job.jobFolder(), Duration.ZERO);
  }
}
