package dev.megalodon.operator.progress;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.observe.ObservedProgress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Asks each active job's workers at intervals and remembers the newest answer. Runs on threads of
 * its own: a worker that does not answer delays no reconciliation.
 */
public final class ProgressPoller implements AutoCloseable {
  /** Workers of a job that are asked in turn until one answers. */
  public static final int MOST_ASKED = 4;

  private final ProgressSource source;
  private final Clock clock;
  private final Consumer<JobId> onChange;
  private final Semaphore slots;
  private final Map<JobId, List<WorkerEndpoint>> tracked = new ConcurrentHashMap<>();
  private final Map<JobId, ObservedProgress> answers = new ConcurrentHashMap<>();
  private final Map<JobId, Boolean> asking = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("progress").factory());
  private final ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * A poller that does nothing until {@link #start}.
   *
   * @param concurrency questions under way at once, over all jobs
   * @param onChange told of each job whose answer changed; must return at once
   */
  public ProgressPoller(
      ProgressSource source, Clock clock, int concurrency, Consumer<JobId> onChange) {
    this.source = source;
    this.clock = clock;
    this.onChange = onChange;
    this.slots = new Semaphore(concurrency);
  }

  /** Begins to ask every job once per interval. */
  public void start(Duration interval) {
    timer.scheduleWithFixedDelay(
        this::askAll, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** From now on asks these workers of a job, the first that answers; none: stops asking. */
  public void track(JobId job, List<WorkerEndpoint> workers) {
    if (workers.isEmpty()) {
      tracked.remove(job);
    } else {
      tracked.put(job, List.copyOf(workers));
    }
  }

  /** Jobs whose workers are asked. */
  public int jobs() {
    return tracked.size();
  }

  /** Forgets a job that is gone. */
  public void forget(JobId job) {
    tracked.remove(job);
    answers.remove(job);
  }

  /** The newest answer of a job's workers. */
  public Optional<ObservedProgress> newest(JobId job) {
    return Optional.ofNullable(answers.get(job));
  }

  void askAll() {
    tracked.forEach(
        (job, workers) -> {
          // A job whose last question still hangs is not asked again on top of it.
          if (asking.putIfAbsent(job, true) == null) {
            askers.execute(() -> askInTurn(job, workers));
          }
        });
  }

  private void askInTurn(JobId job, List<WorkerEndpoint> workers) {
    try {
      slots.acquire();
      try {
        ask(job, workers).ifPresent(progress -> remember(job, progress));
      } finally {
        slots.release();
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } finally {
      asking.remove(job);
    }
  }

  /** Rank 0 knows best; more are asked because some may be frozen, which others then tell. */
  private Optional<Progress> ask(JobId job, List<WorkerEndpoint> workers) {
    return workers.stream()
        .limit(MOST_ASKED)
        .map(worker -> source.ask(job, worker).filter(answer -> isOf(job, worker, answer)))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** An address may belong to another pod by now. */
  private static boolean isOf(JobId job, WorkerEndpoint worker, Progress answer) {
    return job.uid().equals(answer.jobUid()) && worker.rank() == answer.rank();
  }

  private void remember(JobId job, Progress progress) {
    ObservedProgress before = answers.put(job, new ObservedProgress(progress, clock.instant()));
    if (!tracked.containsKey(job)) {
      answers.remove(job);
    } else if (before == null || !before.progress().equals(progress)) {
      onChange.accept(job);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    askers.shutdownNow();
  }
}
