package dev.megalodon.operator.observe;

import dev.megalodon.operator.naming.JobId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * What this process remembers of jobs beside their status: no decision needs it to be right. Lost
 * with the process, and the next one only listens, looks and writes anew.
 */
public final class JobMemory {
  private record Entry(
      Optional<Instant> progressDue,
      Map<Integer, Blocker> refusals,
      Map<Integer, Instant> slowSince,
      Optional<StuckPods.Told> told) {}

  private static final Entry NOTHING =
      new Entry(Optional.empty(), Map.of(), Map.of(), Optional.empty());

  private final Map<JobId, Entry> entries = new ConcurrentHashMap<>();
  private final Map<JobId, Instant> knownSince = new ConcurrentHashMap<>();

  /** When this process looked at the job first; now, if it never did. */
  Instant knownSince(JobId job, Instant now) {
    return knownSince.computeIfAbsent(job, first -> now);
  }

  /** When progress alone may be written to the job's status again; empty: now. */
  public Optional<Instant> progressDue(JobId job) {
    return entry(job).progressDue();
  }

  /** Ranks whose pod was refused last time. */
  public Map<Integer, Blocker> refusals(JobId job) {
    return entry(job).refusals();
  }

  /** Since when ranks have been slow. */
  Map<Integer, Instant> slowSince(JobId job) {
    return entry(job).slowSince();
  }

  /** What was last told of a pod that is stuck. */
  Optional<StuckPods.Told> told(JobId job) {
    return entry(job).told();
  }

  /** A status was written; progress alone is not, before this time. */
  public void progressDue(JobId job, Instant time) {
    change(job, old -> new Entry(Optional.of(time), old.refusals(), old.slowSince(), old.told()));
  }

  /** Pods were created or refused. */
  public void refused(JobId job, Map<Integer, Blocker> refusals) {
    Map<Integer, Blocker> copy = Map.copyOf(refusals);
    change(job, old -> new Entry(old.progressDue(), copy, old.slowSince(), old.told()));
  }

  /** Ranks were slow in the newest answer. */
  void slow(JobId job, Map<Integer, Instant> since) {
    Map<Integer, Instant> copy = Map.copyOf(since);
    if (!slowSince(job).equals(copy)) {
      change(job, old -> new Entry(old.progressDue(), old.refusals(), copy, old.told()));
    }
  }

  /** Somebody was asked about a pod that is stuck. */
  void told(JobId job, StuckPods.Told told) {
    change(
        job,
        old -> new Entry(old.progressDue(), old.refusals(), old.slowSince(), Optional.of(told)));
  }

  /** The job is gone. */
  public void forget(JobId job) {
    entries.remove(job);
    knownSince.remove(job);
  }

  private Entry entry(JobId job) {
    return entries.getOrDefault(job, NOTHING);
  }

  private void change(JobId job, UnaryOperator<Entry> change) {
    entries.compute(job, (id, old) -> change.apply(old == null ? NOTHING : old));
  }
}
