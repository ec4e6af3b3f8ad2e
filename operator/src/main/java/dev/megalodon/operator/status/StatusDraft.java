package dev.megalodon.operator.status;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.CheckpointStatus;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.crds.v1alpha1.TrainingProgress;
import dev.megalodon.crds.v1alpha1.WorkerCounts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The status of one pass while it is being composed: starts as what was written last. */
public final class StatusDraft {
  private final Conditions conditions;
  private final SortedMap<Integer, RankStatus> ranks = new TreeMap<>();
  private final List<AttemptStatus> attempts;
  private final long generation;
  private @Nullable JobPhase phase;
  private @Nullable String startTime;
  private @Nullable String completionTime;
  private @Nullable WorkerCounts workers;
  private @Nullable String selector;
  private @Nullable TrainingProgress progress;
  private @Nullable CheckpointStatus checkpoint;
  private int restarts;
  private long lastIncarnation;

  /** Starts from the status written last. */
  public StatusDraft(MegalodonTrainingJobStatus before, Instant now, long generation) {
    this.generation = generation;
    this.conditions = new Conditions(orEmpty(before.conditions()), now, generation);
    orEmpty(before.ranks()).forEach(rank -> ranks.put(rank.rank(), rank));
    this.attempts = new ArrayList<>(orEmpty(before.attempts()));
    this.phase = before.phase();
    this.startTime = before.startTime();
    this.completionTime = before.completionTime();
    this.workers = before.workers();
    this.selector = before.selector();
    this.progress = before.progress();
    this.checkpoint = before.checkpoint();
    this.restarts = Objects.requireNonNullElse(before.restarts(), 0);
    this.lastIncarnation = Objects.requireNonNullElse(before.lastIncarnation(), 0L);
  }

  /** A status of which nothing is known. */
  public static MegalodonTrainingJobStatus empty() {
    return new MegalodonTrainingJobStatus(
        null, null, null, null, null, null, null, null, null, null, null, null, null);
  }

  /** The conditions, to be set. */
  public Conditions conditions() {
    return conditions;
  }

  /** Where the job is. */
  public void phase(JobPhase phase) {
    this.phase = phase;
  }

  /** Where the job was or, once set, is. */
  public Optional<JobPhase> phase() {
    return Optional.ofNullable(phase);
  }

  /** When the job started or was last resumed. */
  public Optional<Instant> startTime() {
    return Times.parse(startTime);
  }

  /** The job starts or is resumed. */
  public void started(Instant time) {
    startTime = Times.seconds(time);
  }

  /** The job is suspended: no deadline runs. */
  public void clearStartTime() {
    startTime = null;
  }

  /** The job is over. */
  public void completed(Instant time) {
    completionTime = Times.seconds(time);
  }

  /** Worker pods wanted and ready. */
  public void workers(int desired, int ready) {
    workers = new WorkerCounts(desired, ready);
  }

  /** Label selector of the pods, as the scale subresource wants it. */
  public void selector(String selector) {
    this.selector = selector;
  }

  /** How far the training is. */
  public Optional<TrainingProgress> progress() {
    return Optional.ofNullable(progress);
  }

  /** How far the training is. */
  public void progress(TrainingProgress progress) {
    this.progress = progress;
  }

  /** Newest committed checkpoint. */
  public void checkpoint(CheckpointStatus checkpoint) {
    this.checkpoint = checkpoint;
  }

  /** Charged restarts so far. */
  public int restarts() {
    return restarts;
  }

  /** One more. */
  public void chargeRestart() {
    restarts++;
  }

  /** A number that no pod of the job has had. */
  public long nextIncarnation() {
    return ++lastIncarnation;
  }

  /** What is remembered of a rank. */
  public Optional<RankStatus> rank(int rank) {
    return Optional.ofNullable(ranks.get(rank));
  }

  /** Remembers a rank. */
  public void rank(RankStatus rank) {
    ranks.put(rank.rank(), rank);
  }

  /** Forgets every rank: nothing runs, and nothing that ends now is a loss. */
  public void clearRanks() {
    ranks.clear();
  }

  /** Losses so far, oldest first. */
  public List<AttemptStatus> attempts() {
    return List.copyOf(attempts);
  }

  /** One more loss; the oldest goes when there are too many. */
  public void addAttempt(AttemptStatus attempt) {
    attempts.add(attempt);
    if (attempts.size() > MegalodonTrainingJobStatus.MAX_ATTEMPTS) {
      attempts.removeFirst();
    }
  }

  /** Changes the losses in place. */
  public void updateAttempts(UnaryOperator<AttemptStatus> change) {
    attempts.replaceAll(change);
  }

  /** The status as it is to be written. */
  public MegalodonTrainingJobStatus build() {
    return new MegalodonTrainingJobStatus(
        generation,
        phase,
        conditions.build(),
        startTime,
        completionTime,
        workers,
        selector,
        progress,
        checkpoint,
        restarts,
        lastIncarnation,
        attempts.isEmpty() ? null : List.copyOf(attempts),
        ranks.isEmpty() ? null : List.copyOf(ranks.values()));
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
