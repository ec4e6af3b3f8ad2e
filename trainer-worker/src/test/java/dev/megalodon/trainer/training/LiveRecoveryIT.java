package dev.megalodon.trainer.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.Recovery;
import dev.megalodon.kernels.Precision;
import dev.megalodon.trainer.recovery.ResumePoint;
import dev.megalodon.trainer.training.TrainingRun.StepPhase;
import dev.megalodon.trainer.training.TrialJob.Variant;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whoever is lost, and wherever in a step: survivors go on from what they hold, to the same bits.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LiveRecoveryIT {
  private static final int RANKS = 3;

  /** Between two checkpoints, which are made every four steps. */
  private static final long STEP = 11;

  @TempDir Path folder;

  private Trials.Outcome calm;
  private long messagesOfAStep;
  private long messagesBefore;

  @BeforeAll
  void trainUndisturbed(@TempDir Path calmFolder) throws Exception {
    TrialJob job = new TrialJob(calmFolder, RANKS);
    AtomicLong messages = new AtomicLong();
    AtomicLong before = new AtomicLong();
    TrainingRun.Faults count =
        done -> {
          if (done == STEP - 1) {
            before.set(messages.get());
          } else if (done == STEP) {
            messagesOfAStep = messages.get() - before.get();
          }
        };
    List<TrialJob.Rank> ranks = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      ranks.add(
          rank == 1
              ? job.start(1, count, network -> new DyingNetwork(network, messages, -1))
              : job.start(rank, TrainingRun.Faults.NONE));
    }
    calm = Trials.finish(job, ranks);
    messagesBefore = before.get();
  }

  static Stream<Arguments> phasesAndRanks() {
    return Stream.of(StepPhase.values())
        .flatMap(phase -> Stream.of(0, 1, 2).map(rank -> Arguments.of(phase, rank)));
  }

  @ParameterizedTest(name = "{0} of rank {1}")
  @MethodSource("phasesAndRanks")
  void shouldGoOnFromLivingRanksWhereverInAStepOneIsKilled(StepPhase phase, int victim)
      throws Exception {
    TrialJob job = new TrialJob(folder.resolve(phase + "-" + victim), RANKS);
    Recovery recovery = recover(job, Set.of(victim), phase, calm);
    assertEquals(Recovery.Source.LIVE, recovery.source());
    assertTrue(recovery.lostSteps() <= 1, recovery.toString());
    assertNotNull(recovery.firstStepAt());
  }

  /** Starts all, waits until the victims are dead, replaces them and checks the outcome. */
  private static Recovery recover(
      TrialJob job, Set<Integer> victims, StepPhase phase, Trials.Outcome calm) throws Exception {
    TrainingRun.Faults death = Trials.killWithin(STEP, phase, new CyclicBarrier(victims.size()));
    List<TrialJob.Rank> ranks = new ArrayList<>();
    for (int rank = 0; rank < job.worldSize(); rank++) {
      ranks.add(job.start(rank, victims.contains(rank) ? death : TrainingRun.Faults.NONE));
    }
    replace(job, victims, ranks);
    assertEquals(calm, Trials.finish(job, ranks));
    return recoveryOf(ranks.getFirst());
  }

  private static void replace(TrialJob job, Set<Integer> victims, List<TrialJob.Rank> ranks) {
    victims.forEach(victim -> Trials.assertKilled(ranks.get(victim)));
    victims.forEach(victim -> ranks.set(victim, job.start(victim, TrainingRun.Faults.NONE)));
  }

  private static Recovery recoveryOf(TrialJob.Rank rank) {
    Recovery recovery = rank.board().current().recovery();
    assertNotNull(recovery);
    return recovery;
  }

  @Test
  void shouldGoOnAfterAnyMessageOfAStepWasTheLast() throws Exception {
    int tries = 16;
    int steps = 0;
    for (int i = 0; i < tries; i++) {
      long last = messagesBefore + 1 + i * messagesOfAStep / tries;
      TrialJob job = new TrialJob(folder.resolve("message-" + last), RANKS);
      List<TrialJob.Rank> ranks = new ArrayList<>();
      for (int rank = 0; rank < RANKS; rank++) {
        ranks.add(
            rank == 1
                ? job.start(
                    1,
                    TrainingRun.Faults.NONE,
                    network -> new DyingNetwork(network, new AtomicLong(), last))
                : job.start(rank, TrainingRun.Faults.NONE));
      }
      replace(job, Set.of(1), ranks);
      assertEquals(calm, Trials.finish(job, ranks), "after message " + last);
      assertInstanceOf(ResumePoint.Live.class, job.decisions().getLast().resume());
      steps +=
          job.decisions().getLast().holdings().values().stream().distinct().count() > 1 ? 1 : 0;
    }
    System.out.printf(
        "killed after %d of the %d messages of a step; survivors were a step apart %d times%n",
        tries, messagesOfAStep, steps);
  }

  @Test
  void shouldReadACheckpointWhenNeighboursDieAtOnce() throws Exception {
    TrialJob job = new TrialJob(folder.resolve("neighbours"), RANKS);
    Recovery recovery = recover(job, Set.of(1, 2), StepPhase.REDUCED, calm);
    assertEquals(Recovery.Source.CHECKPOINT, recovery.source());
    assertTrue(recovery.lostSteps() <= 4 + 4, recovery.toString());
  }

  @Test
  void shouldReadACheckpointWhenAllDieAtOnce() throws Exception {
    TrialJob job = new TrialJob(folder.resolve("all"), RANKS);
    Recovery recovery = recover(job, Set.of(0, 1, 2), StepPhase.REDUCED, calm);
    assertEquals(Recovery.Source.CHECKPOINT, recovery.source());
  }

  static Stream<Arguments> variants() {
    return Stream.of(
        Arguments.of("four ranks", Variant.mesh(4, 1), Set.of(0, 2)),
        Arguments.of("two ranks", Variant.mesh(2, 1), Set.of(0)),
        Arguments.of("bf16", Variant.dataParallel(3).with(Precision.BF16), Set.of(1)),
        Arguments.of("chunk parallel", Variant.mesh(2, 2), Set.of(1, 3)),
        Arguments.of("carried state", Variant.mesh(2, 1).carryingState(), Set.of(1)),
        Arguments.of("carried state in a mesh", Variant.mesh(2, 2).carryingState(), Set.of(0, 2)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("variants")
  void shouldGoOnFromLivingRanksInEveryKindOfJob(String name, Variant variant, Set<Integer> victims)
      throws Exception {
    Trials.Outcome expected = Trials.run(new TrialJob(folder.resolve(name + "-calm"), variant));
    TrialJob job = new TrialJob(folder.resolve(name), variant);
    Recovery recovery = recover(job, victims, StepPhase.REDUCED, expected);
    assertEquals(Recovery.Source.LIVE, recovery.source());
    assertEquals(0, recovery.lostSteps());
  }

  /** The newcomer dies while it takes the state over; survivors still have theirs. */
  @ParameterizedTest
  @EnumSource(StepPhase.class)
  void shouldSurviveALossDuringTheRecovery(StepPhase phase) throws Exception {
    TrialJob job = new TrialJob(folder.resolve("twice-" + phase), RANKS);
    List<TrialJob.Rank> ranks = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      ranks.add(
          job.start(
              rank,
              rank == 2
                  ? Trials.killWithin(STEP, phase, new CyclicBarrier(1))
                  : TrainingRun.Faults.NONE));
    }
    Trials.assertKilled(ranks.get(2));
    long last = 1 + phase.ordinal() * 4L;
    TrialJob.Rank second =
        job.start(
            2,
            TrainingRun.Faults.NONE,
            network -> new DyingNetwork(network, new AtomicLong(), last));
    Trials.assertKilled(second);
    ranks.set(2, job.start(2, TrainingRun.Faults.NONE));
    assertEquals(calm, Trials.finish(job, ranks));
    assertEquals(Recovery.Source.LIVE, recoveryOf(ranks.getFirst()).source());
  }
}
