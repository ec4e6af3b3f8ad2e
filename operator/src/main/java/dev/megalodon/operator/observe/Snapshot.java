package dev.megalodon.operator.observe;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.naming.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that one planning pass knows: the job and what exists of it now.
 *
 * @param job which job
 * @param generation generation of the spec
 * @param knownSince when this process looked at the job first: what it has not heard since, it may
 *     hear yet
 * @param deleting whether the job itself is being deleted
 * @param spec what is asked for
 * @param status what was written last
 * @param pods every worker pod of the job, dead ones included
 * @param progress newest answer of a worker; empty if none came since the operator started
 * @param slow ranks that are slow in the newest answer, the slowest first; empty if none had times
 * @param progressDue when progress alone may be written to the status again; empty: now
 * @param lookAgain when there may be more to see though nothing changed: a pod waits in silence
 * @param refusals ranks whose pod the API server refused last time, with its words
 */
public record Snapshot(
    JobId job,
    long generation,
    Instant knownSince,
    boolean deleting,
    MegalodonTrainingJobSpec spec,
    MegalodonTrainingJobStatus status,
    List<WorkerPod> pods,
    Optional<ObservedProgress> progress,
    Optional<List<SlowRank>> slow,
    Optional<Instant> progressDue,
    Optional<Instant> lookAgain,
    Map<Integer, Blocker> refusals) {

  /** A pod that has not moved for this long waits for something: it is asked what for. */
  public static final Duration SILENCE = Duration.ofSeconds(10);

  /** Copies the collections. */
  public Snapshot {
    pods = List.copyOf(pods);
    refusals = Map.copyOf(refusals);
  }

  /** The pod of one incarnation, if it exists. */
  public Optional<WorkerPod> pod(int rank, long incarnation) {
    return pods.stream()
        .filter(pod -> pod.rank() == rank && pod.incarnation() == incarnation)
        .findFirst();
  }
}
