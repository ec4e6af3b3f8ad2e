package dev.megalodon.operator.controller;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.progress.ProgressSource;
import dev.megalodon.operator.progress.WorkerEndpoint;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Answers for workers that do not run: all train, one step for each question. */
@ApplicationScoped
@Unremovable
class FakeWorkers implements ProgressSource {
  private final AtomicLong step = new AtomicLong();

  @Override
  public Optional<Progress> ask(JobId job, WorkerEndpoint worker) {
    String incarnation = worker.pod().substring(worker.pod().lastIndexOf('-') + 1);
    long now = step.incrementAndGet() % 300;
    return Optional.of(
        new Progress(
            job.uid(),
            worker.rank(),
            Long.parseLong(incarnation),
            Progress.Phase.TRAINING,
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
            null,
            List.of(),
            List.of()));
  }
}
