package dev.megalodon.operator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.operator.act.Executor;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.observe.WorkerPod.Life;
import dev.megalodon.operator.testing.SimulatedCluster;
import dev.megalodon.operator.testing.SimulatedCluster.Fate;
import dev.megalodon.operator.testing.SimulatedCluster.OperatorKilled;
import dev.megalodon.operator.testing.SimulatedKueue;
import dev.megalodon.operator.testing.TestJobs;
import dev.megalodon.operator.testing.TestPods;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** One simulated life. */
final class JobLife {
  private static final int STEPS = 300;
  private static final int CHECKPOINT_EVERY = 50;
  private static final int MOST_WORKERS = 3;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** Until the kubelet ends a process that does not answer. */
  private static final long LIVENESS_SECONDS = 40;

  final SimulatedCluster cluster;
  final SimulatedKueue kueue;
  final RandomGenerator random;
  final Planner planner = new Planner(PlannerTest.LIMITS);
  final Executor executor = new Executor(PlannerTest.LIMITS);
  final Map<String, AttemptStatus> booked = new HashMap<>();
  final Map<String, Instant> frozen = new HashMap<>();
  final Set<Long> diedOfThemselves = new TreeSet<>();
  long step;
  int kills;

  JobLife(long seed) {
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    var spec = TestJobs.with(TestJobs.job().getSpec(), "parallelism.workers", MOST_WORKERS);
    spec = TestJobs.with(spec, "failurePolicy.maxRestarts", 1_000_000);
    spec = TestJobs.with(spec, "failurePolicy.backoff.maxSeconds", 30);
    cluster = new SimulatedCluster(spec, START);
    cluster.guardsSurvivors = true;
    kueue = new SimulatedKueue(cluster);
  }

  /** The life of a job in a queue. */
  static JobLife queued(long seed) {
    JobLife life = new JobLife(seed);
    life.cluster.edit(
        spec -> TestJobs.with(spec, "scheduling", Map.of("queueName", "team", "gang", "none")));
    return life;
  }

  /** One pass of an operator that may just have been started; false if it was killed in it. */
  boolean pass() {
    var snapshot = cluster.snapshot();
    Plan plan = planner.plan(snapshot, List.of(), cluster.now);
    boolean survived = true;
    try {
      executor.execute(snapshot, plan, cluster, cluster.now);
    } catch (OperatorKilled killed) {
      kills++;
      survived = false;
    }
    check();
    return survived;
  }

  /** What must hold at any moment. */
  void check() {
    for (int rank = 0; rank < MOST_WORKERS; rank++) {
      int wanted = rank;
      long working =
          cluster.pods().stream()
              .filter(pod -> pod.rank() == wanted && pod.isLive())
              .filter(pod -> pod.unreachableSince().isEmpty() && !frozen.containsKey(pod.name()))
              .count();
      assertTrue(working <= 1, working + " processes claim rank " + rank);
    }
    assertEquals(
        ranks().size(),
        ranks().stream().map(RankStatus::incarnation).distinct().count(),
        "two ranks share an incarnation");
    for (AttemptStatus attempt : attempts()) {
      AttemptStatus before = booked.put(attempt.incarnation() + attempt.cause(), attempt);
      assertTrue(
          before == null || before.charged() == attempt.charged(), "a booking was rewritten");
      assertTrue(
          !attempt.charged() || diedOfThemselves.contains(attempt.incarnation()),
          "charged for what was no failure: " + attempt);
    }
    long charged = booked.values().stream().filter(AttemptStatus::charged).count();
    assertEquals(charged, restarts(), "restarts and charged attempts differ");
  }

  /** What a person would look at when a job is stuck. */
  @Override
  public String toString() {
    return "workers %d, status %s, pods %s"
        .formatted(cluster.spec().parallelism().workers(), cluster.status(), cluster.pods());
  }

  List<RankStatus> ranks() {
    return Objects.requireNonNullElse(cluster.status().ranks(), List.of());
  }

  List<AttemptStatus> attempts() {
    return Objects.requireNonNullElse(cluster.status().attempts(), List.of());
  }

  int restarts() {
    return Objects.requireNonNullElse(cluster.status().restarts(), 0);
  }

  boolean isOver() {
    return cluster.status().phase() != null
        && Objects.requireNonNull(cluster.status().phase()).isFinal();
  }

  /** Pods move on by themselves: they start, save and leave, and train when all are there. */
  void live(long seconds) {
    cluster.now = cluster.now.plusSeconds(seconds);
    for (WorkerPod pod : cluster.pods()) {
      if (pod.unreachableSince().isPresent()) {
        continue;
      }
      if (frozen.containsKey(pod.name())) {
        keepFrozen(pod);
      } else if (pod.isDeleting()) {
        goes(pod);
      } else if (pod.life() == Life.PENDING && !pod.isQueued()) {
        TestPods ready = TestPods.ready(pod.rank(), pod.incarnation(), cluster.now);
        cluster.put(pod.membership().map(ready::member).orElse(ready).pod());
      }
    }
    train(seconds);
    kueue.look();
  }

  /** A kubelet is done with a pod; what a queue keeps stays, and what never ran has no kubelet. */
  private void goes(WorkerPod pod) {
    if (!pod.isHeld()) {
      cluster.vanish(pod.name());
    } else if (pod.isLive() && !pod.isQueued()) {
      cluster.put(new TestPods(pod).ended(75, "Error", "", cluster.now).pod());
    }
  }

  /** It hears no signal but the last one, of a deletion or of a liveness probe. */
  private void keepFrozen(WorkerPod pod) {
    Instant since = Objects.requireNonNull(frozen.get(pod.name()));
    if (pod.isDeleting()) {
      pod.terminationDue().filter(due -> !cluster.now.isBefore(due)).ifPresent(due -> goes(pod));
    } else if (pod.isLive() && !cluster.now.isBefore(since.plusSeconds(LIVENESS_SECONDS))) {
      cluster.put(new TestPods(pod).ended(137, "Error", "", cluster.now).pod());
    }
  }

  private void train(long seconds) {
    List<WorkerPod> roster = new ArrayList<>();
    int ranks = Objects.requireNonNullElse(cluster.status().worldSize(), MOST_WORKERS);
    IntStream.range(0, ranks)
        .mapToObj(this::highest)
        .flatMap(Optional::stream)
        .filter(WorkerPod::isReady)
        .forEach(roster::add);
    if (roster.size() < ranks) {
      roster.stream().findFirst().ifPresent(this::tellsWhoIsMissed);
      return;
    }
    step = Math.min(STEPS, step + seconds);
    if (step == STEPS) {
      roster.forEach(
          pod -> cluster.put(new TestPods(pod).ended(0, "Completed", "", cluster.now).pod()));
    } else {
      cluster.progress(progress(roster.getFirst(), Progress.Phase.TRAINING, List.of()));
    }
  }

  private Optional<WorkerPod> highest(int rank) {
    return cluster.pods().stream()
        .filter(pod -> pod.rank() == rank)
        .max((a, b) -> Long.compare(a.incarnation(), b.incarnation()));
  }

  private void tellsWhoIsMissed(WorkerPod witness) {
    List<AbsentRank> absent =
        cluster.pods().stream()
            .filter(pod -> pod.life() == Life.RUNNING)
            .filter(pod -> highest(pod.rank()).filter(pod::equals).isPresent())
            .flatMap(pod -> silentSince(pod).map(since -> absent(pod, since)).stream())
            .toList();
    cluster.progress(progress(witness, Progress.Phase.RENDEZVOUS, absent));
  }

  private Optional<Instant> silentSince(WorkerPod pod) {
    return Optional.ofNullable(frozen.get(pod.name())).or(pod::unreachableSince);
  }

  private AbsentRank absent(WorkerPod pod, Instant since) {
    double seconds = Math.max(0, Duration.between(since, cluster.now).toSeconds());
    return new AbsentRank(
        pod.rank(), pod.incarnation(), AbsentRank.Cause.SILENT, "not heard of", seconds);
  }

  private Progress progress(WorkerPod pod, Progress.Phase phase, List<AbsentRank> absent) {
    long saved = step / CHECKPOINT_EVERY * CHECKPOINT_EVERY;
    return new Progress(
        "00000000-0000-0000-0000-000000000001",
        pod.rank(),
        pod.incarnation(),
        phase,
        1,
        step,
        STEPS,
        step * 512,
        2.5,
        null,
        null,
        100.0,
        1L,
        saved == 0 ? null : saved,
        null,
        null,
        null,
        0,
        "",
        null,
        null,
        absent,
        List.of());
  }

  /** Somebody suspends or resumes the job now and then, or wants another number of workers. */
  void meddle() {
    if (random.nextInt(15) == 0) {
      boolean suspend = random.nextBoolean();
      cluster.edit(spec -> TestJobs.with(spec, "suspend", suspend));
    }
    if (random.nextInt(20) == 0) {
      resize();
    }
  }

  private void resize() {
    int workers = 1 + random.nextInt(MOST_WORKERS);
    cluster.edit(spec -> TestJobs.with(spec, "parallelism.workers", workers));
  }

  /** Something goes wrong. */
  void fault() {
    List<WorkerPod> running =
        cluster.pods().stream()
            .filter(pod -> pod.isLive() && !pod.isDeleting() && !pod.isQueued())
            .filter(pod -> pod.unreachableSince().isEmpty())
            .toList();
    if (running.isEmpty()) {
      return;
    }
    WorkerPod victim = running.get(random.nextInt(running.size()));
    TestPods pod = new TestPods(victim);
    switch (random.nextInt(10)) {
      case 0, 1 -> dies(pod, 137, "Error");
      case 2 -> dies(pod, 137, "OOMKilled");
      case 3 -> dies(pod, 1, "Error");
      case 4 -> cluster.put(pod.ended(75, "Error", "on notice", cluster.now).pod());
      case 5 -> cluster.deleteByForce(victim);
      case 6 ->
          cluster.put(
              pod.disrupted("EvictionByEvictionAPI", "drain")
                  .deleting(cluster.now.plusSeconds(120))
                  .pod());
      case 7 -> cluster.put(pod.unreachable(cluster.now).pod());
      case 8 -> freezes(pod);
      default -> running.forEach(each -> dies(new TestPods(each), 137, "Error"));
    }
  }

  /** Its process is stopped: it lives, answers nobody and hears nothing. */
  void freezes(TestPods pod) {
    if (pod.pod().isReady()) {
      diedOfThemselves.add(pod.pod().incarnation());
      frozen.put(pod.pod().name(), cluster.now);
      cluster.put(pod.notReady().pod());
    }
  }

  void dies(TestPods pod, int exit, String reason) {
    diedOfThemselves.add(pod.pod().incarnation());
    cluster.put(pod.ended(exit, reason, "", cluster.now).pod());
  }

  /** The operator is killed around some of its writes, the API server refuses some pods. */
  void unreliable(double probability) {
    cluster.fates(
        () -> {
          double draw = random.nextDouble();
          if (draw < probability / 2) {
            return Fate.KILLED_BEFORE;
          }
          return draw < probability ? Fate.KILLED_AFTER : Fate.DONE;
        });
  }

  /** Current workers that may still fail. */
  Stream<WorkerPod> working() {
    return cluster.pods().stream()
        .filter(pod -> pod.life() == Life.RUNNING && !pod.isDeleting())
        .filter(pod -> !frozen.containsKey(pod.name()))
        .filter(pod -> ranks().stream().anyMatch(rank -> rank.incarnation() == pod.incarnation()));
  }

  /** Time goes on for a job that is over. */
  void afterwards() {
    for (int i = 0; i < 20; i++) {
      pass();
      live(60);
    }
  }

  void calm() {
    cluster.fates(() -> Fate.DONE);
    cluster.refusesPods = false;
    kueue.hasQuota = true;
    cluster.edit(spec -> TestJobs.with(spec, "suspend", false));
    for (int i = 0; i < 1000 && !isOver(); i++) {
      live(5);
      pass();
    }
  }
}
