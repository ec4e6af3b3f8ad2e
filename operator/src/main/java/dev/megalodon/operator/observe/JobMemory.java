package dev.megalodon.operator.observe;

import dev.megalodon.operator.naming.JobId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this process remembers of jobs beside their status: nothing that a decision hangs on. Lost
 * with the process, and nothing is the worse for it.
 */
public final class JobMemory {
  private record Entry(Optional<Instant> progressPublished, Map<Integer, Blocker> refusals) {}

  private static final Entry NOTHING = new Entry(Optional.empty(), Map.of());

  private final Map<JobId, Entry> entries = new ConcurrentHashMap<>();

  /** When progress was last written to the job's status. */
  public Optional<Instant> progressPublished(JobId job) {
    return entries.getOrDefault(job, NOTHING).progressPublished();
  }

  /** Ranks whose pod was refused last time. */
  public Map<Integer, Blocker> refusals(JobId job) {
    return entries.getOrDefault(job, NOTHING).refusals();
  }

  /** A status was written. */
  public void published(JobId job, Instant time) {
    entries.merge(
        job,
        new Entry(Optional.of(time), Map.of()),
        (before, fresh) -> new Entry(fresh.progressPublished(), before.refusals()));
  }

  /** Pods were created or refused. */
  public void refused(JobId job, Map<Integer, Blocker> refusals) {
    entries.merge(
        job,
        new Entry(Optional.empty(), Map.copyOf(refusals)),
        (before, fresh) -> new Entry(before.progressPublished(), fresh.refusals()));
  }

  /** The job is gone. */
  public void forget(JobId job) {
    entries.remove(job);
  }
}
