package dev.megalodon.operator.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.operator.naming.JobId;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressPollerTest {
  private static final JobId JOB = new JobId("default", "story", "uid");
  private static final List<WorkerEndpoint> WORKERS =
      IntStream.range(0, 8)
          .mapToObj(rank -> new WorkerEndpoint(rank, "story-" + rank + "-1", "10.0.0.1"))
          .toList();

  private final BlockingQueue<Integer> asked = new LinkedBlockingQueue<>();
  private final BlockingQueue<JobId> changed = new LinkedBlockingQueue<>();

  private ProgressPoller poller(int frozen) {
    return new ProgressPoller(
        (job, worker) -> {
          asked.add(worker.rank());
          return worker.rank() < frozen
              ? Optional.empty()
              : Optional.of(Progress.starting(job.uid(), worker.rank(), 1, 10));
        },
        Clock.systemUTC(),
        1,
        changed::add);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void shouldAskTheNextWhenSomeDoNotAnswer(int frozen) throws InterruptedException {
    try (ProgressPoller poller = poller(frozen)) {
      poller.track(JOB, WORKERS);
      poller.askAll();
      assertEquals(JOB, changed.poll(30, TimeUnit.SECONDS));
      assertEquals(frozen, poller.newest(JOB).orElseThrow().progress().rank());
      assertEquals(IntStream.rangeClosed(0, frozen).boxed().toList(), List.copyOf(asked));
    }
  }

  @Test
  void shouldAskNoMoreThanFour() throws InterruptedException {
    try (ProgressPoller poller = poller(5)) {
      poller.track(JOB, WORKERS);
      poller.askAll();
      for (int rank = 0; rank < ProgressPoller.MOST_ASKED; rank++) {
        assertEquals(rank, asked.poll(30, TimeUnit.SECONDS));
      }
      poller.track(JOB, WORKERS.subList(5, 6));
      assertTimeoutPreemptively(Duration.ofSeconds(30), () -> untilChanged(poller));
      assertEquals(Set.of(5), Set.copyOf(asked), "the fifth was not asked");
    }
  }

  @Test
  void shouldNotBelieveAnAnswerOfAnotherJobOrRank() throws InterruptedException {
    JobId earlier = new JobId(JOB.namespace(), JOB.name(), "another uid");
    try (ProgressPoller poller =
        new ProgressPoller(
            (job, worker) ->
                Optional.of(
                    switch (worker.rank()) {
                      case 0 -> Progress.starting(earlier.uid(), 0, 1, 10);
                      case 1 -> Progress.starting(job.uid(), 7, 1, 10);
                      default -> Progress.starting(job.uid(), worker.rank(), 1, 10);
                    }),
            Clock.systemUTC(),
            1,
            changed::add)) {
      poller.track(JOB, WORKERS);
      poller.askAll();
      assertEquals(JOB, changed.poll(30, TimeUnit.SECONDS));
      assertEquals(2, poller.newest(JOB).orElseThrow().progress().rank());
    }
  }

  /** A job whose questions are under way is not asked again. */
  private void untilChanged(ProgressPoller poller) throws InterruptedException {
    do {
      poller.askAll();
    } while (changed.poll(20, TimeUnit.MILLISECONDS) == null);
  }
}
