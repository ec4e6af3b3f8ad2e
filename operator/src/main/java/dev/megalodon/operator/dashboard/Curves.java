package dev.megalodon.operator.dashboard;

import dev.megalodon.crds.contract.Curve;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.progress.CurveSource;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The curves of the jobs that were looked at last, and of others while there is room. A curve is
 * kept after its job's workers are gone, for as long as the operator lives.
 */
@ApplicationScoped
class Curves {
  /** A curve is up to 100 KiB of numbers. */
  static final int MOST_JOBS = 64;

  /** Many may look at once; the worker is asked once. */
  private static final Duration FRESH = Duration.ofMillis(1_500);

  private static final Duration UNWATCHED = Duration.ofSeconds(10);

  private final CurveSource source;
  private final RankZero rankZero;
  private final Clock clock;
  private final ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor();
  private final SequencedMap<JobId, JobCurve> known = new LinkedHashMap<>();

  Curves(CurveSource source, RankZero rankZero, Clock clock) {
    this.source = source;
    this.rankZero = rankZero;
    this.clock = clock;
  }

  /** The newest curve of a job somebody looks at; asks for it, with the bound of the source. */
  Optional<Curve> of(MegalodonTrainingJob job) {
    JobCurve curve = admit(JobId.of(job));
    refresh(curve, job, FRESH);
    return curve.newest();
  }

  /** What is known without asking. */
  Optional<Curve> known(JobId job) {
    synchronized (known) {
      return Optional.ofNullable(known.get(job)).flatMap(JobCurve::newest);
    }
  }

  /** A job changed: follows its curve while there is room, so that it is there for later. */
  void note(MegalodonTrainingJob job) {
    if (RankZero.runs(job)) {
      roomFor(JobId.of(job))
          .ifPresent(curve -> askers.execute(() -> refresh(curve, job, UNWATCHED)));
    }
  }

  void forget(JobId job) {
    synchronized (known) {
      known.remove(job);
    }
  }

  private JobCurve admit(JobId job) {
    synchronized (known) {
      JobCurve curve = Optional.ofNullable(known.get(job)).orElseGet(JobCurve::new);
      known.putLast(job, curve);
      if (known.size() > MOST_JOBS) {
        known.pollFirstEntry();
      }
      return curve;
    }
  }

  private Optional<JobCurve> roomFor(JobId job) {
    synchronized (known) {
      return Optional.ofNullable(known.get(job))
          .or(() -> known.size() < MOST_JOBS ? Optional.of(admit(job)) : Optional.empty());
    }
  }

  private void refresh(JobCurve curve, MegalodonTrainingJob job, Duration age) {
    if (RankZero.runs(job)) {
      curve.refresh(clock.instant(), age, since -> ask(job, since));
    }
  }

  private Optional<Curve> ask(MegalodonTrainingJob job, long since) {
    JobId id = JobId.of(job);
    return rankZero
        .of(job)
        .flatMap(worker -> source.ask(id, worker, since))
        .filter(answer -> id.uid().equals(answer.jobUid()) && answer.rank() == 0);
  }

  @PreDestroy
  void stop() {
    askers.shutdownNow();
  }
}
