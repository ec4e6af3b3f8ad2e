package dev.megalodon.trainer.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.megalodon.trainer.TrialVolume;
import dev.megalodon.trainer.checkpoint.CheckpointId;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Checkpoints cannot be written for a while: training goes on, everybody knows why, nothing is left
 * behind, and once they can be written again they are.
 */
class FailingVolumeIT {
  private static final int RANKS = 2;
  private static final long TROUBLE_AFTER = 6;
  private static final long FAILING = 8;
  // What fails at 8 is known when 12 begins, and what becomes of 12 not before 13 is done.
  private static final long TROUBLE_UNTIL = 13;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void shouldTrainOnUntilTheVolumeCanBeWrittenAgain(TrialVolume.Trouble trouble) throws Exception {
    Trials.Outcome expected = Trials.run(new TrialJob(folder.resolve("calm"), RANKS));
    Path root = folder.resolve("troubled");
    Optional<TrialVolume> mounted = TrialVolume.mount(root.resolve("volume"));
    assumeTrue(mounted.isPresent(), "a volume in trouble needs a mount, and that needs root");
    try (TrialVolume volume = mounted.get()) {
      TrialJob job = new TrialJob(root, RANKS);
      Observed seen = new Observed(new CompletableFuture<>(), new ArrayList<>());
      Trials.Outcome outcome =
          run(job, seen, () -> trouble.begin(volume), () -> trouble.end(volume));
      String failure = seen.failure().get();
      assertTrue(failure.contains("of the checkpoint at step 8: cannot "), failure);
      assertTrue(failure.contains(trouble.reason()), failure);
      assertTrue(failure.contains("-0000000008"), failure);
      assertEquals(List.of(), seen.left());
      assertEquals(expected.parametersSha256(), outcome.parametersSha256());
      assertTrue(expected.losses().entrySet().containsAll(outcome.losses().entrySet()));
      assertEquals(List.of(24L, 20L), steps(job).subList(0, 2));
    }
  }

  @Test
  void shouldSayOnRankZeroWhyAnotherRankCouldNotWrite() throws Exception {
    TrialJob job = new TrialJob(folder, RANKS);
    Observed seen = new Observed(new CompletableFuture<>(), new ArrayList<>());
    CompletableFuture<Path> obstacle = new CompletableFuture<>();
    run(job, seen, () -> obstacle.complete(putInTheWay(job)), () -> remove(obstacle.join()));
    String failure = seen.failure().get();
    assertTrue(
        failure.startsWith(
            "rank 1 could not write its files of the checkpoint at step 8: cannot write "),
        failure);
    assertTrue(failure.contains(obstacle.join().toString()), failure);
    assertEquals(List.of(obstacle.join().getFileName().toString()), seen.left());
  }

  /**
   * What rank 0 sees before the trouble ends.
   *
   * @param failure why the checkpoint failed, as its progress says
   * @param left files of that checkpoint
   */
  private record Observed(CompletableFuture<String> failure, List<String> left) {}

  /** A whole run with trouble in between; at its end nobody reports a failure any more. */
  private static Trials.Outcome run(TrialJob job, Observed seen, Runnable begin, Runnable end)
      throws Exception {
    CompletableFuture<TrialJob.Rank> self = new CompletableFuture<>();
    TrainingRun.Faults faults =
        done -> {
          if (done == TROUBLE_AFTER) {
            begin.run();
          } else if (done == TROUBLE_UNTIL) {
            seen.failure()
                .complete(String.valueOf(self.join().board().current().checkpointFailure()));
            seen.left().addAll(filesOf(job, FAILING));
            end.run();
          }
        };
    List<TrialJob.Rank> ranks = new ArrayList<>(List.of(job.start(0, faults)));
    self.complete(ranks.getFirst());
    ranks.add(job.start(1, TrainingRun.Faults.NONE));
    Trials.Outcome outcome = Trials.finish(job, ranks);
    for (TrialJob.Rank rank : ranks) {
      assertNull(rank.board().current().checkpointFailure());
    }
    return outcome;
  }

  private static List<String> filesOf(TrialJob job, long step) {
    CheckpointStore store = Trials.store(job);
    try {
      List<String> names = new ArrayList<>();
      for (CheckpointId id : store.all()) {
        if (id.step() == step) {
          try (Stream<Path> files = Files.list(store.folder(id))) {
            files.map(file -> file.getFileName().toString()).forEach(names::add);
          }
        }
      }
      return names;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Long> steps(TrialJob job) throws IOException {
    return Trials.store(job).committed().stream().map(CheckpointId::step).toList();
  }

  /** A folder, not empty, where rank 1 wants to put a file of the next checkpoint. */
  private static Path putInTheWay(TrialJob job) {
    CheckpointStore store = Trials.store(job);
    try {
      CheckpointId before = store.all().getFirst();
      CheckpointId next = new CheckpointId(before.incarnation(), before.counter(), FAILING);
      Path obstacle = store.folder(next).resolve("optimizer-00001-of-00002.safetensors");
      Files.createDirectories(obstacle.resolve("something"));
      return obstacle;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path obstacle) {
    try {
      Files.delete(obstacle.resolve("something"));
      Files.delete(obstacle);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
