package dev.megalodon.operator.observe;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Composes the snapshot of one job from what the caches hold. */
public final class SnapshotReader {
  private final JobMemory memory;
  private final StuckPods stuckPods;

  /** A reader that knows what this process remembers, and whom to ask about pods that are stuck. */
  public SnapshotReader(JobMemory memory, PodEvents events) {
    this.memory = memory;
    this.stuckPods = new StuckPods(events, memory);
  }

  /**
   * The snapshot.
   *
   * @param job the job, as cached
   * @param pods those that name a job of its name as owner, as cached; an earlier job of the name
   *     may have left some that are still ending
   * @param progress newest answer of its workers
   * @param now the time
   */
  public Snapshot read(
      MegalodonTrainingJob job,
      Stream<Pod> pods,
      Optional<ObservedProgress> progress,
      Instant now) {
    JobId id = JobId.of(job);
    List<Pod> own = pods.filter(pod -> Ownership.owns(job, pod)).toList();
    StuckPods.Finding stuck = stuckPods.find(id, own, now);
    List<WorkerPod> workers =
        own.stream()
            .map(pod -> WorkerPodReader.read(pod, stuck.told(pod)))
            .flatMap(Optional::stream)
            .toList();
    MegalodonTrainingJobStatus status =
        Objects.requireNonNullElseGet(job.getStatus(), StatusDraft::empty);
    return new Snapshot(
        id,
        job.getMetadata().getGeneration(),
        memory.knownSince(id, now),
        job.isMarkedForDeletion(),
        job.getSpec(),
        status,
        workers,
        FinalProgress.of(id, workers, progress),
        slow(id, progress, job.getSpec().failurePolicy().stragglerRatio()),
        memory.progressDue(id),
        stuck.lookAgain(),
        memory.refusals(id));
  }

  private Optional<List<SlowRank>> slow(
      JobId job, Optional<ObservedProgress> progress, double limit) {
    return progress
        .filter(answer -> answer.progress().ranks().size() > 1)
        .map(
            answer -> {
              List<SlowRank> slow = SlowRanks.find(answer, limit, memory.slowSince(job));
              memory.slow(job, SlowRanks.since(slow, answer.at()));
              return slow;
            });
  }
}
