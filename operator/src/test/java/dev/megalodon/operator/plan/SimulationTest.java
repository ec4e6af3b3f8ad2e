package dev.megalodon.operator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.operator.act.Executor;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.observe.WorkerPod.Life;
import dev.megalodon.operator.testing.SimulatedCluster;
import dev.megalodon.operator.testing.SimulatedCluster.Fate;
import dev.megalodon.operator.testing.SimulatedCluster.OperatorKilled;
import dev.megalodon.operator.testing.TestJobs;
import dev.megalodon.operator.testing.TestPods;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole lives of jobs on a simulated cluster: pods die, nodes fall silent, people delete and
 * suspend, the API server refuses, the clock jumps, and the operator is killed around its writes.
 */
class SimulationTest {
  private static final int STEPS = 300;
  private static final int WORKERS = 3;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** One simulated life. */
  private static final class JobLife {
    final SimulatedCluster cluster;
    final RandomGenerator random;
    final Planner planner = new Planner(PlannerTest.LIMITS);
    final Executor executor = new Executor(PlannerTest.LIMITS);
    final Map<Long, AttemptStatus> booked = new HashMap<>();
    final Set<Long> diedOfThemselves = new TreeSet<>();
    final Map<String, Instant> startedTraining = new HashMap<>();
    long step;
    int kills;

    JobLife(long seed) {
      random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      var spec = TestJobs.with(TestJobs.job().getSpec(), "parallelism.workers", WORKERS);
      spec = TestJobs.with(spec, "failurePolicy.maxRestarts", 1_000_000);
      spec = TestJobs.with(spec, "failurePolicy.backoff.maxSeconds", 30);
      cluster = new SimulatedCluster(spec, START);
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
      for (int rank = 0; rank < WORKERS; rank++) {
        int wanted = rank;
        long working =
            cluster.pods().stream()
                .filter(pod -> pod.rank() == wanted && pod.isLive())
                .filter(pod -> pod.unreachableSince().isEmpty())
                .count();
        assertTrue(working <= 1, working + " processes claim rank " + rank);
      }
      assertEquals(
          ranks().size(),
          ranks().stream().map(RankStatus::incarnation).distinct().count(),
          "two ranks share an incarnation");
      for (AttemptStatus attempt : attempts()) {
        AttemptStatus before = booked.put(attempt.incarnation(), attempt);
        assertTrue(
            before == null || before.charged() == attempt.charged(), "a booking was rewritten");
        assertTrue(
            !attempt.charged() || diedOfThemselves.contains(attempt.incarnation()),
            "charged for what was no failure: " + attempt);
      }
      long charged = booked.values().stream().filter(AttemptStatus::charged).count();
      assertEquals(charged, restarts(), "restarts and charged attempts differ");
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
        if (pod.isDeleting()) {
          cluster.vanish(pod.name());
        } else if (pod.life() == Life.PENDING) {
          cluster.put(TestPods.ready(pod.rank(), pod.incarnation(), cluster.now).pod());
        }
      }
      train(seconds);
    }

    private void train(long seconds) {
      List<WorkerPod> roster = new ArrayList<>();
      IntStream.range(0, WORKERS)
          .mapToObj(this::highest)
          .flatMap(Optional::stream)
          .filter(WorkerPod::isReady)
          .forEach(roster::add);
      if (roster.size() < WORKERS) {
        return;
      }
      step = Math.min(STEPS, step + seconds);
      if (step == STEPS) {
        roster.forEach(
            pod -> cluster.put(new TestPods(pod).ended(0, "Completed", "", cluster.now).pod()));
      } else {
        cluster.progress(progress(roster.getFirst()));
      }
    }

    private Optional<WorkerPod> highest(int rank) {
      return cluster.pods().stream()
          .filter(pod -> pod.rank() == rank)
          .max((a, b) -> Long.compare(a.incarnation(), b.incarnation()));
    }

    private Progress progress(WorkerPod pod) {
      return new Progress(
          "00000000-0000-0000-0000-000000000001",
          pod.rank(),
          pod.incarnation(),
          Progress.Phase.TRAINING,
          1,
          step,
          STEPS,
          step * 512,
          2.5,
          null,
          null,
          100.0,
          1L,
          null,
          null,
          null,
          null,
          0,
          "",
          null,
          null,
          List.of(),
          List.of());
    }

    /** Something goes wrong. */
    void fault() {
      List<WorkerPod> running =
          cluster.pods().stream()
              .filter(pod -> pod.isLive() && !pod.isDeleting())
              .filter(pod -> pod.unreachableSince().isEmpty())
              .toList();
      if (running.isEmpty()) {
        return;
      }
      WorkerPod victim = running.get(random.nextInt(running.size()));
      TestPods pod = new TestPods(victim);
      switch (random.nextInt(9)) {
        case 0, 1 -> dies(pod, 137, "Error");
        case 2 -> dies(pod, 137, "OOMKilled");
        case 3 -> dies(pod, 1, "Error");
        case 4 -> cluster.put(pod.ended(75, "Error", "on notice", cluster.now).pod());
        case 5 -> cluster.vanish(victim.name());
        case 6 ->
            cluster.put(
                pod.disrupted("EvictionByEvictionAPI", "drain")
                    .deleting(cluster.now.plusSeconds(120))
                    .pod());
        case 7 -> cluster.put(pod.unreachable(cluster.now).pod());
        default -> running.forEach(each -> dies(new TestPods(each), 137, "Error"));
      }
    }

    private void dies(TestPods pod, int exit, String reason) {
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

    void calm() {
      cluster.fates(() -> Fate.DONE);
      cluster.refusesPods = false;
      cluster.edit(spec -> TestJobs.with(spec, "suspend", false));
      for (int i = 0; i < 1000 && !isOver(); i++) {
        live(5);
        pass();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void shouldSurviveAnything(long firstSeed) {
    for (long seed = firstSeed * 1000; seed < firstSeed * 1000 + 60; seed++) {
      JobLife life = new JobLife(seed);
      try {
        life.unreliable(0.15);
        for (int i = 0; i < 120 && !life.isOver(); i++) {
          if (life.random.nextInt(3) == 0) {
            life.fault();
          }
          if (life.random.nextInt(15) == 0) {
            boolean suspend = life.random.nextBoolean();
            life.cluster.edit(spec -> TestJobs.with(spec, "suspend", suspend));
          }
          life.cluster.refusesPods = life.random.nextInt(10) == 0;
          life.pass();
          long jump = life.random.nextInt(40) == 0 ? 3600 : life.random.nextInt(4);
          if (life.random.nextInt(40) == 0) {
            life.cluster.now = life.cluster.now.minusSeconds(5);
          }
          life.live(jump);
        }
        life.calm();
        assertEquals(JobPhase.COMPLETE, life.cluster.status().phase());
        life.pass();
        life.live(5);
        life.cluster.now = life.cluster.now.plusSeconds(3600);
        life.pass();
        assertTrue(
            life.cluster.pods().stream().noneMatch(WorkerPod::isLive), "a pod outlived its job");
      } catch (AssertionError failure) {
        throw new AssertionError("seed " + seed, failure);
      }
    }
  }

  /** Without suspension and refusal, every death of a worker's own is charged exactly once. */
  @Test
  void shouldChargeEveryFailureExactlyOnceWhereverTheOperatorIsKilled() {
    int kills = 0;
    for (long seed = 1; seed <= 200; seed++) {
      JobLife life = new JobLife(seed);
      life.unreliable(0.25);
      Set<Long> died = new TreeSet<>();
      for (int i = 0; i < 100 && !life.isOver(); i++) {
        if (life.random.nextInt(8) == 0) {
          life.cluster.pods().stream()
              .filter(pod -> pod.life() == Life.RUNNING && !pod.isDeleting())
              .filter(pod -> isCurrent(life, pod))
              .findFirst()
              .ifPresent(
                  pod -> {
                    died.add(pod.incarnation());
                    life.dies(new TestPods(pod), 1, "Error");
                  });
        }
        life.pass();
        life.live(life.random.nextInt(4));
      }
      life.calm();
      Set<Long> charged = new TreeSet<>();
      life.booked.values().stream()
          .filter(AttemptStatus::charged)
          .forEach(attempt -> charged.add(attempt.incarnation()));
      assertEquals(died, charged, "seed " + seed);
      assertEquals(died.size(), life.restarts(), "seed " + seed);
      assertEquals(JobPhase.COMPLETE, life.cluster.status().phase(), "seed " + seed);
      kills += life.kills;
    }
    assertTrue(kills > 200, "the operator was killed only " + kills + " times");
  }

  private static boolean isCurrent(JobLife life, WorkerPod pod) {
    return life.ranks().stream().anyMatch(rank -> rank.incarnation() == pod.incarnation());
  }

  /** The operator is killed once, before or after its n-th write, for every n. */
  @Test
  void shouldReachTheSameEndWhicheverWriteIsTheLast() {
    int writes = lifeKilledAt(Integer.MAX_VALUE, Fate.DONE);
    assertTrue(writes > 10, "only " + writes + " writes");
    for (int n = 0; n < writes; n++) {
      lifeKilledAt(n, Fate.KILLED_BEFORE);
      lifeKilledAt(n, Fate.KILLED_AFTER);
    }
  }

  private static int lifeKilledAt(int fatal, Fate fate) {
    JobLife life = new JobLife(1);
    int[] writes = {0};
    life.cluster.fates(() -> writes[0]++ == fatal ? fate : Fate.DONE);
    for (int i = 0; i < 200 && !life.isOver(); i++) {
      if (i == 20 || i == 40) {
        life.cluster.pods().stream()
            .filter(pod -> pod.life() == Life.RUNNING && pod.rank() == 1)
            .findFirst()
            .ifPresent(pod -> life.dies(new TestPods(pod), 137, "Error"));
      }
      life.pass();
      life.live(2);
    }
    String where = fate + " at write " + fatal;
    assertEquals(JobPhase.COMPLETE, life.cluster.status().phase(), where);
    assertEquals(2, life.restarts(), where);
    assertEquals(2, life.attempts().size(), where);
    life.pass();
    life.live(5);
    assertTrue(life.cluster.pods().stream().noneMatch(WorkerPod::isLive), where);
    return writes[0];
  }
}
