package dev.megalodon.trainer.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.RankTimes;
import dev.megalodon.trainer.rendezvous.StuckBounds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rank whose process lives and whose training thread does not get on, or only slowly. */
class StuckRankIT {
  private static final StuckBounds STRICT =
      new StuckBounds(Duration.ofSeconds(1), 3, Duration.ofSeconds(60), Duration.ofSeconds(60));
  private static final Duration DELAY = Duration.ofMillis(200);

  @TempDir Path folder;

  @Test
  void shouldNameAStuckRankAndGoOnToTheSameBitsWhenItWakesUp() throws Exception {
    Trials.Outcome expected = Trials.run(new TrialJob(folder.resolve("calm"), 3));
    TrialJob job = new TrialJob(folder.resolve("stuck"), 3).withStuck(STRICT);
    CountDownLatch release = new CountDownLatch(1);
    List<TrialJob.Rank> ranks =
        List.of(
            job.start(0, TrainingRun.Faults.NONE),
            job.start(1, step -> blockAfter(10, step, release)),
            job.start(2, TrainingRun.Faults.NONE));
    try {
      AbsentRank absent = await("rank 1 stuck", () -> stuck(1, ranks.getFirst()), ranks);
      assertEquals(2, absent.incarnation());
      assertTrue(absent.reason().contains("rank 1 makes no progress"), absent.reason());
      assertTrue(absent.reason().contains("computing step 10 for"), absent.reason());
      assertEquals(List.of(), ranks.get(2).board().answer().absent(), "rank 0 knows better");
    } finally {
      release.countDown();
    }
    assertEquals(expected, Trials.finish(job, ranks));
  }

  @Test
  void shouldPutAStragglerFirst() throws Exception {
    TrialJob job = new TrialJob(folder, 3);
    List<TrialJob.Rank> ranks =
        List.of(
            job.start(0, TrainingRun.Faults.NONE),
            job.start(1, TrainingRun.Faults.NONE),
            job.start(2, step -> sleep(DELAY)));
    List<RankTimes> times =
        await("times with rank 2 first", () -> slowestIs(2, ranks.getFirst()), ranks);
    assertEquals(3, times.size());
    double slowest = times.getFirst().computeSeconds();
    assertTrue(slowest >= DELAY.toMillis() / 1e3, times.toString());
    assertTrue(times.getLast().waitSeconds() > times.getFirst().waitSeconds(), times.toString());
    Trials.finish(job, ranks);
  }

  private static Optional<AbsentRank> stuck(int rank, TrialJob.Rank asked) {
    return asked.board().answer().absent().stream()
        .filter(absent -> absent.rank() == rank && absent.cause() == AbsentRank.Cause.STUCK)
        .findFirst();
  }

  private static Optional<List<RankTimes>> slowestIs(int rank, TrialJob.Rank asked) {
    return Optional.of(asked.board().answer().ranks())
        .filter(times -> times.size() == 3 && times.getFirst().rank() == rank);
  }

  /** Asks again and again until there is an answer, while the ranks run. */
  private static <T> T await(String what, Supplier<Optional<T>> question, List<TrialJob.Rank> ranks)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Trials.BOUND_SECONDS);
    while (System.nanoTime() < end && ranks.stream().noneMatch(rank -> rank.end().isDone())) {
      Optional<T> answer = question.get();
      if (answer.isPresent()) {
        return answer.get();
      }
      Thread.sleep(10);
    }
    throw new AssertionError("never said: " + what);
  }

  private static void blockAfter(long step, long done, CountDownLatch release) {
    if (done == step) {
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void sleep(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
