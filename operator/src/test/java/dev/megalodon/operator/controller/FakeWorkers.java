package dev.megalodon.operator.controller;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.progress.ProgressSource;
import dev.megalodon.operator.progress.WorkerEndpoint;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Answers for workers that do not run: all train, one step for each question. */
@ApplicationScoped
@Unremovable
class FakeWorkers implements ProgressSource {
  private static final double MISSED_SECONDS = 60;

  private final AtomicLong step = new AtomicLong();
  private final Map<String, WorkerEndpoint> frozen = new ConcurrentHashMap<>();
  private final Map<String, String> checkpointFailures = new ConcurrentHashMap<>();

  /** From now on the worker of a pod answers nobody, and the others of its job miss it. */
  void freeze(String job, int rank, String pod) {
    frozen.put(job, new WorkerEndpoint(rank, pod, ""));
  }

  /** All train again. */
  void thaw(String job) {
    frozen.remove(job);
  }

  /** From now on a job cannot write checkpoints, or, with an empty reason, can. */
  void checkpoints(String job, String failure) {
    checkpointFailures.put(job, failure);
  }

  @Override
  public Optional<Progress> ask(JobId job, WorkerEndpoint worker) {
    WorkerEndpoint missed = frozen.get(job.name());
    if (missed != null && missed.pod().equals(worker.pod())) {
      return Optional.empty();
    }
    String failure = checkpointFailures.getOrDefault(job.name(), "");
    long now = step.incrementAndGet() % 300;
    return Optional.of(
        new Progress(
            job.uid(),
            worker.rank(),
            incarnation(worker),
            missed == null ? Progress.Phase.TRAINING : Progress.Phase.RENDEZVOUS,
            1,
            now,
            300,
            now * 512,
            2.5,
            1.7,
            5.5,
            1000.0,
            90L,
            100L,
            "default/job/1-100",
            "sha256:00",
            "2026-01-01T00:00:00Z",
            100,
            "training",
            null,
            failure.isEmpty() ? null : failure,
            missed == null ? List.of() : List.of(absent(missed)),
            List.of()));
  }

  private static AbsentRank absent(WorkerEndpoint missed) {
    return new AbsentRank(
        missed.rank(),
        incarnation(missed),
        AbsentRank.Cause.SILENT,
        "rank %d was not heard of".formatted(missed.rank()),
        MISSED_SECONDS);
  }

  private static long incarnation(WorkerEndpoint worker) {
    return Long.parseLong(worker.pod().substring(worker.pod().lastIndexOf('-') + 1));
  }
}
