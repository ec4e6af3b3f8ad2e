package dev.megalodon.operator.status;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.BudgetStatus;
import dev.megalodon.crds.v1alpha1.CheckpointStatus;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.crds.v1alpha1.StragglerStatus;
import dev.megalodon.crds.v1alpha1.TimeStatus;
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
  private @Nullable BudgetStatus budget;
  private List<StragglerStatus> stragglers;
  private @Nullable TimeStatus time;
  private @Nullable Integer goodputPercent;
  private int restarts;
  private long lastIncarnation;
  private @Nullable Integer worldSize;

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
    this.budget = before.budget();
    this.stragglers = orEmpty(before.stragglers());
    this.time = before.time();
    this.goodputPercent = before.goodputPercent();
    this.restarts = Objects.requireNonNullElse(before.restarts(), 0);
    this.lastIncarnation = Objects.requireNonNullElse(before.lastIncarnation(), 0L);
    this.worldSize = before.worldSize();
  }

  /** A status of which nothing is known. */
  public static MegalodonTrainingJobStatus empty() {
    return new MegalodonTrainingJobStatus(
        null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
        null, null, null);
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
  public Optional<CheckpointStatus> checkpoint() {
    return Optional.ofNullable(checkpoint);
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

  /** What is used up of the restarts. */
  public BudgetStatus budget() {
    return budget == null ? new BudgetStatus(0, 0, null) : budget;
  }

  /** What is used up of the restarts. */
  public void budget(BudgetStatus budget) {
    this.budget = budget;
  }

  /** Ranks that slow all others down. */
  public List<StragglerStatus> stragglers() {
    return stragglers;
  }

  /** Ranks that slow all others down, the slowest first. */
  public void stragglers(List<StragglerStatus> stragglers) {
    this.stragglers = List.copyOf(stragglers);
  }

  /** What the job's time went into. */
  public TimeStatus time() {
    return time == null ? new TimeStatus(0, 0, null) : time;
  }

  /** What the job's time went into. */
  public void time(TimeStatus time) {
    this.time = time;
  }

  /** Share of the active time that counts, percent. */
  public void goodput(int percent) {
    goodputPercent = percent;
  }

  /**
   * Shows what another status shows of progress, and so of nothing that was decided. How many
   * workers are ready, and the words for it, are progress too.
   */
  public StatusDraft withProgressOf(MegalodonTrainingJobStatus other) {
    progress = other.progress();
    checkpoint = other.checkpoint();
    goodputPercent = other.goodputPercent();
    workers = other.workers();
    conditions.rephrase(other.conditions());
    return this;
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
    worldSize = null;
  }

  /** Forgets the ranks from this one on: they are no part of the job any more. */
  public void clearRanksFrom(int first) {
    ranks.tailMap(first).clear();
  }

  /** Ranks that train together; empty while none has a pod. */
  public Optional<Integer> worldSize() {
    return Optional.ofNullable(worldSize);
  }

  /** Ranks that train together from now on. */
  public void worldSize(int ranks) {
    worldSize = ranks;
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
        budget,
        lastIncarnation,
        worldSize,
        attempts.isEmpty() ? null : List.copyOf(attempts),
        ranks.isEmpty() ? null : List.copyOf(ranks.values()),
        stragglers.isEmpty() ? null : stragglers,
        time,
        goodputPercent);
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
