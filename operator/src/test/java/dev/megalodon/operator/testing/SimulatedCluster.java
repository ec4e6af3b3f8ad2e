package dev.megalodon.operator.testing;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.v1alpha1.BudgetStatus;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.operator.act.ClusterWriter;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.observe.Blocker;
import dev.megalodon.operator.observe.GroupMembership;
import dev.megalodon.operator.observe.ObservedProgress;
import dev.megalodon.operator.observe.SlowRank;
import dev.megalodon.operator.observe.Snapshot;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.plan.Notice;
import dev.megalodon.operator.plan.Plan;
import dev.megalodon.operator.status.StatusDraft;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A store of one job and its pods that takes the operator's writes. Each write can be made the
 * operator's last, before or after it took effect. Fails on any write that breaks the protocol.
 */
public final class SimulatedCluster implements ClusterWriter {

  /** The operator was killed. */
  public static final class OperatorKilled extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** What happens around the n-th write. */
  public enum Fate {
    /** The write is made. */
    DONE,
    /** The operator is killed before the write reached the API server. */
    KILLED_BEFORE,
    /** The write takes effect and the operator is killed before it knows. */
    KILLED_AFTER
  }

  /** Decides the fate of a write. */
  @FunctionalInterface
  public interface Fates {
    /** Fate of the next write. */
    Fate next();
  }

  /** Everything ever told, in order. */
  public final List<Notice> told = new ArrayList<>();

  /** Names of all pods ever created. */
  public final Set<String> everCreated = new HashSet<>();

  /** Status writes so far. */
  public int statusWrites;

  /** The time. */
  public Instant now;

  /** When the operator that acts now looked at the job first. */
  public Instant knownSince;

  /** Whether the API server refuses pods. */
  public boolean refusesPods;

  /** Whether the API server refuses what pods share. */
  public boolean refusesShared;

  /** Whether ending a worker that lives and is nobody's predecessor is an error. */
  public boolean guardsSurvivors;

  /** Whether the job is deleted. */
  public boolean jobDeleted;

  /** When progress alone may be written again. */
  public Optional<Instant> progressDue = Optional.empty();

  private final JobId job;
  private final Map<String, WorkerPod> pods = new LinkedHashMap<>();
  private MegalodonTrainingJobSpec spec;
  private MegalodonTrainingJobStatus status = StatusDraft.empty();
  private Optional<ObservedProgress> progress = Optional.empty();
  private Optional<List<SlowRank>> slow = Optional.empty();

  private Fates fates = () -> Fate.DONE;
  private boolean sharedExists;

  /** A cluster with one job and nothing of it. */
  public SimulatedCluster(MegalodonTrainingJobSpec spec, Instant now) {
    this.job = new JobId("default", "story", "00000000-0000-0000-0000-000000000001");
    this.spec = spec;
    this.now = now;
    this.knownSince = now;
  }

  /** From now on writes meet these fates. */
  public void fates(Fates fates) {
    this.fates = fates;
  }

  /** Somebody edits the job. */
  public void edit(UnaryOperator<MegalodonTrainingJobSpec> change) {
    spec = change.apply(spec);
  }

  /** The job's spec. */
  public MegalodonTrainingJobSpec spec() {
    return spec;
  }

  /** The job's status as stored. */
  public MegalodonTrainingJobStatus status() {
    return status;
  }

  /** All pods that exist. */
  public List<WorkerPod> pods() {
    return List.copyOf(pods.values());
  }

  /** What a worker last answered. */
  public void progress(Progress answer) {
    progress = Optional.of(new ObservedProgress(answer, now));
  }

  /** Ranks that were slow in the newest answer. */
  public void slow(List<SlowRank> ranks) {
    slow = Optional.of(ranks);
  }

  /** A pod changes by itself, or by somebody else's hand; null: it is gone. */
  public void put(WorkerPod pod) {
    pods.put(pod.name(), pod);
  }

  /** Somebody deletes a pod without grace; what a queue keeps stays, and fails. */
  public void deleteByForce(WorkerPod pod) {
    if (pod.isHeld()) {
      TestPods deleted = new TestPods(pod).deleting(now);
      put(pod.isQueued() ? deleted.pod() : deleted.ended(137, "Error", "", now).pod());
    } else {
      vanish(pod.name());
    }
  }

  /** A pod is gone. */
  public void vanish(String name) {
    pods.remove(name);
  }

  /** What the operator sees. */
  public Snapshot snapshot() {
    return new Snapshot(
        job,
        1,
        knownSince,
        jobDeleted,
        spec,
        status,
        pods(),
        progress,
        slow,
        progressDue,
        Optional.empty(),
        Map.of());
  }

  private void write(Runnable effect) {
    Fate fate = fates.next();
    if (fate != Fate.KILLED_BEFORE) {
      effect.run();
    }
    if (fate != Fate.DONE) {
      throw new OperatorKilled();
    }
  }

  @Override
  public void writeStatus(MegalodonTrainingJobStatus next) {
    write(
        () -> {
          statusWrites++;
          require(
              status.phase() == null || !status.phase().isFinal(), "a final status is rewritten");
          require(orZero(next.restarts()) >= orZero(status.restarts()), "restarts went back");
          requireRightBudget(next);
          require(
              orZero(next.lastIncarnation()) >= orZero(status.lastIncarnation()),
              "incarnations went back");
          status = next;
        });
  }

  /** Each charge is counted once, and only a checkpoint beyond the last one takes it back. */
  private void requireRightBudget(MegalodonTrainingJobStatus next) {
    long charged = orZero(next.restarts()) - orZero(status.restarts());
    BudgetStatus before = Objects.requireNonNullElse(status.budget(), new BudgetStatus(0, 0, null));
    BudgetStatus after = Objects.requireNonNullElse(next.budget(), new BudgetStatus(0, 0, null));
    boolean gained = next.checkpoint() != null && next.checkpoint().step() > before.sinceStep();
    require(
        after.used() == before.used() + charged || gained && after.used() == charged,
        "budget %s became %s by %d charges".formatted(before, after, charged));
  }

  @Override
  public Optional<Blocker> ensureShared() {
    if (refusesShared) {
      return Optional.of(new Blocker("QuotaExceeded", "exceeded quota: secrets"));
    }
    write(() -> sharedExists = true);
    return Optional.empty();
  }

  @Override
  public Optional<Blocker> createPod(Plan.CreatePod wanted) {
    if (refusesPods) {
      return Optional.of(new Blocker("QuotaExceeded", "exceeded quota: pods"));
    }
    write(
        () -> {
          long incarnation = wanted.incarnation();
          WorkerPod pod = pending(wanted);
          require(sharedExists, "a pod is made before what it mounts");
          require(
              incarnation <= orZero(status.lastIncarnation()),
              "incarnation " + incarnation + " is not in the status yet");
          require(everCreated.add(pod.name()), pod.name() + " is created twice");
          pods.put(pod.name(), pod);
        });
    return Optional.empty();
  }

  @Override
  public void deletePod(String name, String why) {
    write(
        () -> {
          WorkerPod pod = pods.get(name);
          if (pod == null) {
            return;
          }
          require(!guardsSurvivors || mayEnd(pod), name + " lives and was ended");
          if (pod.isHeld() && pod.life() != WorkerPod.Life.RUNNING) {
            put(new TestPods(pod).deleting(now).pod());
          } else if (pod.isLive() && pod.life() == WorkerPod.Life.RUNNING) {
            long grace = spec.checkpoint().graceSeconds();
            pods.put(name, new TestPods(pod).deleting(now.plusSeconds(grace)).pod());
          } else {
            pods.remove(name);
          }
        });
  }

  /** What Kueue's webhook makes of a pod with a queue: it waits, and is kept. */
  private WorkerPod pending(Plan.CreatePod wanted) {
    TestPods pod = TestPods.pending(wanted.rank(), wanted.incarnation());
    return wanted
        .group()
        .map(group -> new GroupMembership(group, wanted.worldSize(), false, true))
        .map(membership -> pod.member(membership).queued())
        .orElse(pod)
        .pod();
  }

  private boolean mayEnd(WorkerPod pod) {
    boolean current =
        Objects.requireNonNullElse(status.ranks(), List.<RankStatus>of()).stream()
            .anyMatch(rank -> rank.incarnation() == pod.incarnation());
    boolean isOver =
        pods.values().stream()
            .anyMatch(other -> other.rank() == 0 && other.life() == WorkerPod.Life.SUCCEEDED);
    return !current || !pod.isLive() || spec.suspend() || isOver;
  }

  @Override
  public void removeLostPod(String name, String why) {
    write(() -> declareDead(name, WorkerPod.NODE_LOST, why));
    write(
        () -> {
          WorkerPod pod = pods.get(name);
          if (pod != null && pod.isHeld()) {
            put(new TestPods(pod).deleting(now).pod());
          } else {
            pods.remove(name);
          }
        });
  }

  @Override
  public void removeStalledPod(String name, String why) {
    write(
        () ->
            Optional.ofNullable(pods.get(name))
                .ifPresent(pod -> put(new TestPods(pod).deleting(now.plusSeconds(1)).pod())));
    write(() -> declareDead(name, WorkerPod.STALLED, why));
  }

  private void declareDead(String name, String reason, String why) {
    Optional.ofNullable(pods.get(name))
        .ifPresent(pod -> put(new TestPods(pod).declaredDead(reason, why).pod()));
  }

  @Override
  public void endGroup(String name, String why) {
    write(
        () ->
            Optional.ofNullable(pods.get(name))
                .ifPresent(
                    pod -> {
                      GroupMembership old = pod.membership().orElseThrow();
                      put(
                          new TestPods(pod)
                              .member(
                                  new GroupMembership(old.group(), old.size(), true, old.held()))
                              .pod());
                    }));
  }

  @Override
  public void withdrawPod(String name, String why) {
    write(
        () -> {
          require(pods.get(name) == null || pods.get(name).isQueued(), name + " may run");
          declareDead(name, WorkerPod.WITHDRAWN, why);
        });
  }

  @Override
  public void deleteJob(String why) {
    write(() -> jobDeleted = true);
  }

  @Override
  public void tell(Notice notice) {
    told.add(notice);
  }

  private static long orZero(@org.jspecify.annotations.Nullable Number number) {
    return number == null ? 0 : number.longValue();
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
