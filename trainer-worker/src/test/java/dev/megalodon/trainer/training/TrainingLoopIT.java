package dev.megalodon.trainer.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.kernels.Precision;
import dev.megalodon.trainer.checkpoint.CheckpointId;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs of small jobs, undisturbed and disturbed: the bits are the same. */
class TrainingLoopIT {
  private static final int RANKS = 3;
  private static final int BOUND_SECONDS = 300;

  @TempDir Path folder;

  @Test
  void shouldTrainToTheEnd() throws Exception {
    TrialJob job = new TrialJob(folder, RANKS);
    List<TrialJob.Rank> ranks = Trials.startAll(job);
    Trials.Outcome outcome = Trials.finish(job, ranks);
    assertEquals(TrialJob.STEPS, outcome.losses().size());
    assertEquals(List.of(0L, 8L, 16L, 24L), List.copyOf(outcome.heldOutLosses().keySet()));
    Progress progress = ranks.getFirst().board().current();
    assertEquals(Progress.Phase.COMPLETE, progress.phase());
    assertEquals(TrialJob.STEPS, progress.checkpointStep());
    double first = number(progress.initialHeldOutLoss());
    assertTrue(number(progress.heldOutLoss()) < first - 0.5, progress.toString());
    List<Long> kept = newestSteps(job);
    assertEquals(List.of(24L, 20L), kept.subList(0, 2));
    assertTrue(kept.size() <= 4, kept.toString());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void shouldComeToTheSameBitsWhoeverIsKilled(long seed) throws Exception {
    TrialJob calm = new TrialJob(folder.resolve("calm"), RANKS);
    Trials.Outcome expected = Trials.finish(calm, Trials.startAll(calm));
    TrialJob job = new TrialJob(folder.resolve("killed"), RANKS);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int victim = random.nextInt(RANKS);
    int secondVictim = random.nextInt(RANKS);
    long firstKill = 1 + random.nextInt(10);
    long secondKill = 12 + random.nextInt(10);
    List<TrialJob.Rank> ranks = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      ranks.add(
          job.start(
              rank,
              rank == victim
                  ? Trials.killAfter(firstKill)
                  : faultsOf(rank, secondVictim, secondKill)));
    }
    Trials.assertKilled(ranks.get(victim));
    ranks.set(victim, job.start(victim, faultsOf(victim, secondVictim, secondKill)));
    Trials.assertKilled(ranks.get(secondVictim));
    ranks.set(secondVictim, job.start(secondVictim, TrainingRun.Faults.NONE));
    assertEquals(expected, Trials.finish(job, ranks));
  }

  /** Parameters alone do not make a step again: the masters must come back too. */
  @Test
  void shouldComeToTheSameBitsInBfloat16WhenARankIsKilled() throws Exception {
    TrialJob calm =
        new TrialJob(
            folder.resolve("calm"), TrialJob.Variant.dataParallel(RANKS).with(Precision.BF16));
    Trials.Outcome expected = Trials.finish(calm, Trials.startAll(calm));
    TrialJob job =
        new TrialJob(
            folder.resolve("killed"), TrialJob.Variant.dataParallel(RANKS).with(Precision.BF16));
    List<TrialJob.Rank> ranks = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      ranks.add(job.start(rank, rank == 1 ? Trials.killAfter(10) : TrainingRun.Faults.NONE));
    }
    Trials.assertKilled(ranks.get(1));
    ranks.set(1, job.start(1, TrainingRun.Faults.NONE));
    assertEquals(expected, Trials.finish(job, ranks));
  }

  private static TrainingRun.Faults faultsOf(int rank, int victim, long step) {
    return rank == victim ? Trials.killAfter(step) : TrainingRun.Faults.NONE;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void shouldSaveAndGoOnExactlyWhenARankLeavesOnNotice(int leaver) throws Exception {
    TrialJob calm = new TrialJob(folder.resolve("calm"), RANKS);
    Trials.Outcome expected = Trials.finish(calm, Trials.startAll(calm));
    TrialJob job = new TrialJob(folder.resolve("left"), RANKS);
    List<TrialJob.Rank> ranks = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      ranks.add(
          rank == leaver ? startLeaver(job, rank, 6) : job.start(rank, TrainingRun.Faults.NONE));
    }
    assertEquals(
        ExitCode.LEFT_ON_NOTICE, ranks.get(leaver).end().get(BOUND_SECONDS, TimeUnit.SECONDS));
    assertTrue(newestSteps(job).contains(6L), "step 6 was saved, between two intervals");
    ranks.set(leaver, job.start(leaver, TrainingRun.Faults.NONE));
    assertEquals(expected, Trials.finish(job, ranks));
  }

  /** A rank that is told to leave while it makes a step. */
  private static TrialJob.Rank startLeaver(TrialJob job, int rank, long step) {
    List<TrialJob.Rank> self = new ArrayList<>();
    TrialJob.Rank started =
        job.start(
            rank,
            done -> {
              if (done == step) {
                synchronized (self) {
                  self.getFirst().stop().request();
                }
              }
            });
    synchronized (self) {
      self.add(started);
    }
    return started;
  }

  @Test
  void shouldGoOnFromTheCheckpointBeforeADamagedOne() throws Exception {
    TrialJob calm = new TrialJob(folder.resolve("calm"), 1);
    Trials.Outcome expected = Trials.finish(calm, Trials.startAll(calm));
    TrialJob job = new TrialJob(folder.resolve("damaged"), 1);
    Trials.assertKilled(job.start(0, Trials.killAfter(14)));
    CheckpointStore store = Trials.store(job);
    Path newest = store.folder(store.committed().getFirst()).resolve(Manifest.PARAMETERS);
    damage(newest);
    assertEquals(expected, Trials.finish(job, List.of(job.start(0, TrainingRun.Faults.NONE))));
  }

  @Test
  void shouldFailForGoodWhenEveryCheckpointIsDamaged() throws Exception {
    TrialJob job = new TrialJob(folder, 1);
    Trials.assertKilled(job.start(0, Trials.killAfter(14)));
    CheckpointStore store = Trials.store(job);
    for (var id : store.committed()) {
      damage(store.folder(id).resolve(Manifest.PARAMETERS));
    }
    WorkerExit exit = failure(job.start(0, TrainingRun.Faults.NONE));
    assertEquals(ExitCode.CHECKPOINT_FAILED, exit.code());
    assertTrue(exit.sentence().contains(Manifest.PARAMETERS), exit.sentence());
  }

  @Test
  void shouldRefuseChangedText() throws Exception {
    TrialJob job = new TrialJob(folder, 1);
    Trials.assertKilled(job.start(0, Trials.killAfter(14)));
    Files.writeString(job.text(), "more", StandardOpenOption.APPEND);
    WorkerExit exit = failure(job.start(0, TrainingRun.Faults.NONE));
    assertEquals(ExitCode.BAD_DATA, exit.code());
    assertTrue(exit.sentence().contains(job.text().toString()), exit.sentence());
  }

  @Test
  void shouldFailForGoodWhenTheVolumeCannotBeWritten() throws Exception {
    TrialJob job = new TrialJob(folder, 1);
    Files.writeString(job.jobFolder(), "a file where the folder should be");
    WorkerExit exit = failure(job.start(0, TrainingRun.Faults.NONE));
    assertEquals(ExitCode.CHECKPOINT_FAILED, exit.code());
    assertTrue(exit.sentence().contains(job.jobFolder().toString()), exit.sentence());
  }

  @Test
  void shouldTrainOnWithoutCheckpointsButNotEndWithoutTheLast() throws Exception {
    TrialJob job = new TrialJob(folder, 1);
    Path inTheWay = job.jobFolder().resolve("00000001.0000-0000000024");
    TrainingRun.Faults faults =
        done -> {
          if (done == 20) {
            put(inTheWay);
          }
        };
    TrialJob.Rank rank = job.start(0, faults);
    WorkerExit exit = failure(rank);
    assertEquals(ExitCode.CHECKPOINT_FAILED, exit.code());
    assertTrue(exit.sentence().contains(inTheWay.toString()), exit.sentence());
    assertEquals(TrialJob.STEPS, rank.board().current().step());
  }

  private static void put(Path file) {
    try {
      Files.writeString(file, "a file where a folder should be");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldStartFromAnotherJobsCheckpoint() throws Exception {
    TrialJob first = new TrialJob(folder, 1);
    Trials.assertKilled(first.start(0, Trials.killAfter(14)));
    CheckpointId newest = Trials.store(first).committed().getFirst();
    Path source = Trials.store(first).folder(newest);
    Path copy = folder.resolve("volume/elsewhere");
    copyFolder(source, copy);
    deleteJobFolder(first);
    TrainingPlan plan = first.plan(Optional.of(new TrainingPlan.ResumeFrom.Folder(copy)));
    TrialJob.Rank rank = first.start(0, plan, TrainingRun.Faults.NONE);
    assertEquals(ExitCode.COMPLETE, rank.end().get(BOUND_SECONDS, TimeUnit.SECONDS));
    assertEquals(newest.step(), rank.board().current().resumedFromStep());
  }

  @Test
  void shouldNameTheCheckpointToStartFromThatIsNotThere() throws Exception {
    TrialJob job = new TrialJob(folder, 1);
    Path missing = folder.resolve("volume/nothing");
    TrainingPlan plan = job.plan(Optional.of(new TrainingPlan.ResumeFrom.Folder(missing)));
    WorkerExit exit = failure(job.start(0, plan, TrainingRun.Faults.NONE));
    assertEquals(ExitCode.MISSING_INPUT, exit.code());
    assertTrue(exit.sentence().contains(missing.toString()), exit.sentence());
  }

  private static WorkerExit failure(TrialJob.Rank rank) {
    ExecutionException end =
        assertThrows(
            ExecutionException.class, () -> rank.end().get(BOUND_SECONDS, TimeUnit.SECONDS));
    return assertInstanceOf(WorkerExit.class, end.getCause());
  }

  private static List<Long> newestSteps(TrialJob job) throws IOException {
    return Trials.store(job).committed().stream().map(id -> id.step()).toList();
  }

  private static void damage(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 4;
    Files.write(file, bytes);
  }

  private static void copyFolder(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void deleteJobFolder(TrialJob job) throws IOException {
    try (var files = Files.walk(job.jobFolder())) {
      for (Path file : files.toList().reversed()) {
        Files.delete(file);
      }
    }
  }

  private static double number(@Nullable Double value) {
    assertNotNull(value);
    return value;
  }
}
