package dev.megalodon.operator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.status.Attempts;
import dev.megalodon.operator.testing.SimulatedCluster.Fate;
import dev.megalodon.operator.testing.TestJobs;
import dev.megalodon.operator.testing.TestPods;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole lives of jobs on a simulated cluster: pods die, nodes fall silent, people delete and
 * suspend, the API server refuses, the clock jumps, and the operator is killed around its writes.
 */
class SimulationTest {
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
          life.meddle();
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

  /** The queue ends what is one too many in a group: SimulatedKueue fails where it would. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void shouldSurviveAnythingInAQueue(long firstSeed) {
    for (long seed = firstSeed * 1000; seed < firstSeed * 1000 + 60; seed++) {
      JobLife life = JobLife.queued(seed);
      try {
        life.unreliable(0.15);
        for (int i = 0; i < 120 && !life.isOver(); i++) {
          if (life.random.nextInt(4) == 0) {
            life.fault();
          }
          life.meddle();
          if (life.random.nextInt(15) == 0) {
            life.kueue.preempt();
          }
          life.kueue.hasQuota = life.random.nextInt(3) > 0;
          life.pass();
          life.live(life.random.nextInt(4));
        }
        life.calm();
        assertEquals(JobPhase.COMPLETE, life.cluster.status().phase(), life::toString);
        life.afterwards();
        assertEquals(Set.of(), life.kueue.admitted(), "quota is kept");
        assertTrue(life.cluster.pods().stream().noneMatch(WorkerPod::isHeld), "a pod is kept");
      } catch (AssertionError failure) {
        throw new AssertionError("seed " + seed, failure);
      }
    }
  }

  /**
   * Without suspension and refusal, every death of a worker's own is booked exactly once, and what
   * dies until training goes on is charged once.
   */
  @Test
  void shouldChargeEveryFailureExactlyOnceWhereverTheOperatorIsKilled() {
    int kills = 0;
    for (long seed = 1; seed <= 200; seed++) {
      JobLife life = new JobLife(seed);
      life.unreliable(0.25);
      Set<Long> died = new TreeSet<>();
      for (int i = 0; i < 100 && !life.isOver(); i++) {
        if (life.random.nextInt(8) == 0) {
          boolean freezes = life.random.nextInt(3) == 0;
          life.working()
              .filter(WorkerPod::isReady)
              .findFirst()
              .ifPresent(
                  pod -> {
                    died.add(pod.incarnation());
                    if (freezes) {
                      life.freezes(new TestPods(pod));
                    } else {
                      life.dies(new TestPods(pod), 1, "Error");
                    }
                  });
        }
        life.pass();
        life.live(life.random.nextInt(4));
      }
      life.calm();
      assertEquals(died, ownFailures(life), "seed " + seed);
      for (AttemptStatus attempt : life.booked.values()) {
        assertTrue(attempt.charged() || isPaidFor(attempt, life), seed + ": " + attempt);
      }
      assertEquals(JobPhase.COMPLETE, life.cluster.status().phase(), "seed " + seed);
      kills += life.kills;
    }
    assertTrue(kills > 200, "the operator was killed only " + kills + " times");
  }

  private static Set<Long> ownFailures(JobLife life) {
    Set<Long> incarnations = new TreeSet<>();
    life.booked.values().stream()
        .filter(attempt -> Set.of("WorkerFailed", "Stalled").contains(attempt.cause()))
        .forEach(attempt -> incarnations.add(attempt.incarnation()));
    return incarnations;
  }

  /** Whether another failure of the same outage was charged. */
  private static boolean isPaidFor(AttemptStatus attempt, JobLife life) {
    return life.booked.values().stream()
        .filter(AttemptStatus::charged)
        .filter(other -> other.detected().compareTo(attempt.detected()) <= 0)
        .map(AttemptStatus::recovered)
        .anyMatch(end -> end == null || end.compareTo(attempt.detected()) >= 0);
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
    for (int i = 0; i < 300 && !life.isOver(); i++) {
      happens(life, i);
      life.pass();
      life.live(2);
    }
    String where = fate + " at write " + fatal;
    assertEquals(JobPhase.COMPLETE, life.cluster.status().phase(), where);
    assertEquals(3, life.restarts(), where);
    assertEquals(3, life.cluster.status().worldSize(), where);
    assertEquals(
        List.of("WorkerFailed", "WorkerFailed", "Stalled", "Suspended", "Resized", "Resized"),
        life.attempts().stream().map(AttemptStatus::cause).toList(),
        where);
    assertTrue(life.attempts().stream().noneMatch(Attempts::isOpen), where);
    assertEquals(0, Objects.requireNonNull(life.cluster.status().budget()).used(), where);
    life.pass();
    life.live(5);
    assertTrue(life.cluster.pods().stream().noneMatch(WorkerPod::isLive), where);
    return writes[0];
  }

  /** Two crashes, a frozen process, a suspension, a worker less and one more. */
  private static void happens(JobLife life, int at) {
    switch (at) {
      case 20, 40 -> worker(life, 1).ifPresent(pod -> life.dies(pod, 137, "Error"));
      case 60 -> worker(life, 2).ifPresent(life::freezes);
      case 100 -> life.cluster.edit(spec -> TestJobs.with(spec, "suspend", true));
      case 110 -> life.cluster.edit(spec -> TestJobs.with(spec, "suspend", false));
      case 120 -> life.cluster.edit(spec -> TestJobs.with(spec, "parallelism.workers", 2));
      case 130 -> life.cluster.edit(spec -> TestJobs.with(spec, "parallelism.workers", 3));
      default -> {}
    }
  }

  private static Optional<TestPods> worker(JobLife life, int rank) {
    return life.working().filter(pod -> pod.rank() == rank).findFirst().map(TestPods::new);
  }
}
