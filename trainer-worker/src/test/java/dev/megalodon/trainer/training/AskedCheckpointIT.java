package dev.megalodon.trainer.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.megalodon.trainer.checkpoint.CheckpointId;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.checkpoint.FileDigest;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.progress.CheckpointRequests;
import dev.megalodon.trainer.progress.CheckpointRequests.Answer;
import dev.megalodon.trainer.training.TrialJob.Variant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rank 0 is asked for a checkpoint: all ranks take it after the same step, and nothing else. */
class AskedCheckpointIT {
  private static final long STEP = 13;
  private static final long NEVER = 1_000;

  @TempDir Path folder;

  static Stream<Arguments> variants() {
    return Stream.of(
        Arguments.of("alone", Variant.dataParallel(1)),
        Arguments.of("three ranks", Variant.dataParallel(3)),
        Arguments.of("chunk parallel", Variant.mesh(1, 3)),
        Arguments.of("carried state in a mesh", Variant.mesh(2, 2).carryingState()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("variants")
  void shouldBeTakenOnceAndBeWhatAScheduledOneIs(String name, Variant variant) throws Exception {
    TrialJob scheduled = new TrialJob(folder.resolve("scheduled"), variant);
    Trials.Outcome expected = Trials.finish(scheduled, start(scheduled, STEP, List.of()));

    TrialJob asked = new TrialJob(folder.resolve("asked"), variant);
    assertEquals(expected, Trials.finish(asked, start(asked, NEVER, List.of(STEP))));
    assertEquals(List.of(TrialJob.STEPS, STEP), steps(asked));
    assertEquals(files(scheduled), files(asked));
  }

  @Test
  void shouldNotBeTakenTwiceWhenItIsDueAnyway() throws Exception {
    TrialJob job = new TrialJob(folder, 2);
    Trials.finish(job, start(job, STEP, List.of(STEP)));
    assertEquals(List.of(TrialJob.STEPS, STEP), steps(job));
  }

  @Test
  void shouldCountTowardsWhatIsKept() throws Exception {
    TrialJob job = new TrialJob(folder, 2);
    Trials.finish(job, start(job, 10, List.of(STEP)));
    assertEquals(List.of(TrialJob.STEPS, 20L), steps(job), "after 10, 13, 20 and 24, two are kept");
  }

  @Test
  void shouldNotBeLostWithARank() throws Exception {
    TrialJob calm = new TrialJob(folder.resolve("calm"), 3);
    Trials.Outcome expected = Trials.finish(calm, start(calm, NEVER, List.of()));

    TrialJob job = new TrialJob(folder.resolve("killed"), 3);
    TrainingPlan plan = savingEvery(job.plan(), NEVER);
    CompletableFuture<CheckpointRequests> requests = new CompletableFuture<>();
    List<TrialJob.Rank> ranks = new ArrayList<>();
    ranks.add(job.start(0, plan, asking(requests, List.of(STEP))));
    requests.complete(ranks.getFirst().checkpointRequests());
    ranks.add(job.start(1, plan, Trials.killAfter(STEP)));
    ranks.add(job.start(2, plan, TrainingRun.Faults.NONE));
    Trials.assertKilled(ranks.get(1));
    ranks.set(1, job.start(1, plan, TrainingRun.Faults.NONE));
    assertEquals(expected, Trials.finish(job, ranks));
    assertEquals(List.of(TrialJob.STEPS, STEP), steps(job));
  }

  /** Starts all ranks; rank 0 is asked twice while it is in each of these steps. */
  private static List<TrialJob.Rank> start(TrialJob job, long everySteps, List<Long> askedIn) {
    TrainingPlan plan = savingEvery(job.plan(), everySteps);
    CompletableFuture<CheckpointRequests> requests = new CompletableFuture<>();
    List<TrialJob.Rank> ranks = new ArrayList<>();
    ranks.add(job.start(0, plan, asking(requests, askedIn)));
    requests.complete(ranks.getFirst().checkpointRequests());
    for (int rank = 1; rank < job.worldSize(); rank++) {
      ranks.add(job.start(rank, plan, TrainingRun.Faults.NONE));
    }
    return ranks;
  }

  private static TrainingRun.Faults asking(
      CompletableFuture<CheckpointRequests> requests, List<Long> askedIn) {
    return done -> {
      if (askedIn.contains(done)) {
        assertEquals(new Answer.Granted(done), requests.join().ask());
        assertInstanceOf(Answer.TooSoon.class, requests.join().ask());
      }
    };
  }

  private static TrainingPlan savingEvery(TrainingPlan plan, long steps) {
    TrainingPlan.Checkpoints old = plan.checkpoints();
    return new TrainingPlan(
        plan.model(),
        plan.data(),
        plan.parallel(),
        plan.batches(),
        plan.recompute(),
        plan.carryState(),
        plan.steps(),
        plan.seed(),
        plan.optimizer(),
        plan.schedule(),
        plan.evaluation(),
        new TrainingPlan.Checkpoints(
            old.volume(), old.jobFolder(), steps, old.keepLast(), old.resumeFrom(), old.grace()),
        plan.compute(),
        plan.specDigest());
  }

  /** Steps of the committed checkpoints, the newest first. */
  private static List<Long> steps(TrialJob job) throws IOException {
    return Trials.store(job).committed().stream().map(CheckpointId::step).toList();
  }

  /** SHA-256 of the files of the checkpoint in the middle. */
  private static Map<String, String> files(TrialJob job) throws IOException {
    CheckpointStore store = Trials.store(job);
    CheckpointId id =
        store.committed().stream().filter(each -> each.step() == STEP).findFirst().orElseThrow();
    return StoredCheckpoint.readManifest(store.folder(id)).manifest().files().stream()
        .collect(Collectors.toMap(FileDigest::name, FileDigest::sha256));
  }
}
