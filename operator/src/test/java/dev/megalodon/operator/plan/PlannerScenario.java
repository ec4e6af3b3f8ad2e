package dev.megalodon.operator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.RankTimes;
import dev.megalodon.crds.contract.Recovery;
import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.operator.act.Executor;
import dev.megalodon.operator.testing.SimulatedCluster;
import dev.megalodon.operator.testing.TestJobs;
import dev.megalodon.operator.testing.TestPods;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A job of two workers on paper, planned pass by pass. */
abstract class PlannerScenario {
  static final Limits LIMITS =
      new Limits(
          Duration.ofSeconds(20),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofMinutes(10),
          Duration.ofSeconds(18),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          10);
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  final Planner planner = new Planner(LIMITS);
  final Executor executor = new Executor(LIMITS);
  final SimulatedCluster cluster = new SimulatedCluster(TestJobs.job().getSpec(), START);

  Plan pass() {
    Plan plan = planner.plan(cluster.snapshot(), List.of(), cluster.now);
    executor.execute(cluster.snapshot(), plan, cluster, cluster.now);
    return plan;
  }

  void after(long seconds) {
    cluster.now = cluster.now.plusSeconds(seconds);
  }

  void edit(String path, Object value) {
    cluster.edit(spec -> TestJobs.with(spec, path, value));
  }

  MegalodonTrainingJobStatus status() {
    return cluster.status();
  }

  Condition condition(String type) {
    return Objects.requireNonNull(status().conditions()).stream()
        .filter(condition -> condition.type().equals(type))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no condition " + type + " in " + status()));
  }

  void assertHolds(String type, String reason) {
    assertEquals(Condition.Status.TRUE, condition(type).status(), type + ": " + condition(type));
    assertEquals(reason, condition(type).reason());
  }

  AttemptStatus lastAttempt() {
    return Objects.requireNonNull(status().attempts()).getLast();
  }

  RankStatus rank(int rank) {
    return Objects.requireNonNull(status().ranks()).get(rank);
  }

  TestPods ready(int rank, long incarnation) {
    return TestPods.ready(rank, incarnation, cluster.now);
  }

  void assertHoldsNot(String type, String reason) {
    assertEquals(Condition.Status.FALSE, condition(type).status(), type + ": " + condition(type));
    assertEquals(reason, condition(type).reason());
  }

  Progress progress(int rank, long incarnation, long step) {
    return answer(rank, incarnation, step, null, null, List.of(), List.of());
  }

  /** An answer while others are missed. */
  Progress missing(int rank, long incarnation, AbsentRank... absent) {
    return answer(rank, incarnation, 120, null, null, List.of(absent), List.of());
  }

  Progress answer(
      int rank,
      long incarnation,
      long step,
      @Nullable Recovery recovery,
      @Nullable String checkpointFailure,
      List<AbsentRank> absent,
      List<RankTimes> ranks) {
    return new Progress(
        "00000000-0000-0000-0000-000000000001",
        rank,
        incarnation,
        absent.isEmpty() ? Progress.Phase.TRAINING : Progress.Phase.RENDEZVOUS,
        1,
        step,
        300,
        step * 512,
        2.5,
        1.71234567,
        5.58123456,
        1234.5,
        100L,
        step / 100 * 100,
        "default/story-0/1-" + step,
        "sha256:00",
        "2026-01-01T00:00:00Z",
        step / 100 * 100,
        "training",
        recovery,
        checkpointFailure,
        absent,
        ranks);
  }

  /** Both workers run and train. */
  void running() {
    pass();
    after(5);
    cluster.put(ready(0, 1).pod());
    cluster.put(ready(1, 2).pod());
    after(1);
    cluster.progress(progress(0, 1, 120));
    pass();
    assertEquals(JobPhase.RUNNING, status().phase());
  }
}
