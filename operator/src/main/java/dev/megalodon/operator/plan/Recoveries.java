package dev.megalodon.operator.plan;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.Recovery;
import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.AttemptStatus.ResumedFrom;
import dev.megalodon.crds.v1alpha1.TrainingProgress;
import dev.megalodon.operator.observe.ObservedProgress;
import dev.megalodon.operator.status.Attempts;
import dev.megalodon.operator.status.Times;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Enters how training went on, in a worker's words where they are about these very losses. */
final class Recoveries {
  private Recoveries() {}

  /** Whether ranks met again after a loss and have yet to finish a step. */
  static boolean awaitsFirstStep(Pass pass, Progress answer) {
    Recovery recovery = answer.recovery();
    return recovery != null
        && recovery.firstStepAt() == null
        && open(pass).stream()
            .map(Attempts::began)
            .anyMatch(began -> isAfter(recovery.openedAt(), began));
  }

  /** Completes every open loss, and with them the outage. */
  static void enter(Pass pass) {
    List<AttemptStatus> before = open(pass);
    pass.status.updateAttempts(loss -> Attempts.isOpen(loss) ? recovered(pass, loss) : loss);
    List<AttemptStatus> after =
        pass.status.attempts().stream()
            .filter(loss -> before.stream().anyMatch(old -> Attempts.isSame(old, loss)))
            .toList();
    Outages.close(pass, lastRecovery(pass, after), repeatedSeconds(pass, after));
  }

  private static List<AttemptStatus> open(Pass pass) {
    return pass.status.attempts().stream().filter(Attempts::isOpen).toList();
  }

  private static AttemptStatus recovered(Pass pass, AttemptStatus loss) {
    Optional<Recovery> own = recovery(pass).filter(recovery -> isOf(recovery, loss));
    Instant at = own.flatMap(Recoveries::firstStep).filter(pass.now::isAfter).orElse(pass.now);
    Optional<Long> lostSteps = own.map(Recovery::lostSteps).or(() -> stepsBack(pass));
    return Attempts.recovered(loss, at, lostSteps, own.map(Recoveries::source));
  }

  private static Optional<Recovery> recovery(Pass pass) {
    return ProgressFold.current(pass)
        .map(ObservedProgress::progress)
        .flatMap(answer -> Optional.ofNullable(answer.recovery()));
  }

  /** A recovery whose first step is older than the loss was from an earlier one. */
  private static boolean isOf(Recovery recovery, AttemptStatus loss) {
    return isAfter(recovery.firstStepAt(), Attempts.began(loss));
  }

  private static boolean isAfter(@Nullable String time, Instant other) {
    return Times.ofWorker(time).filter(at -> at.isAfter(other)).isPresent();
  }

  private static Optional<Instant> firstStep(Recovery recovery) {
    return Times.ofWorker(recovery.firstStepAt());
  }

  private static ResumedFrom source(Recovery recovery) {
    return switch (recovery.source()) {
      case LIVE -> ResumedFrom.LIVE;
      case CHECKPOINT -> ResumedFrom.CHECKPOINT;
      case BEGINNING -> ResumedFrom.BEGINNING;
    };
  }

  /** For workers that do not say what was lost: from the step that was reached to the new start. */
  private static Optional<Long> stepsBack(Pass pass) {
    Optional<Long> reached =
        Optional.ofNullable(pass.snapshot.status().progress()).map(TrainingProgress::step);
    return ProgressFold.current(pass)
        .map(answer -> answer.progress().resumedFromStep())
        .flatMap(from -> reached.map(step -> Math.max(0, step - from)));
  }

  private static Instant lastRecovery(Pass pass, List<AttemptStatus> losses) {
    return losses.stream()
        .flatMap(loss -> Times.parse(loss.recovered()).stream())
        .max(Comparator.naturalOrder())
        .orElse(pass.now);
  }

  /** Overlapping losses are one outage: its steps are made again once. */
  private static double repeatedSeconds(Pass pass, List<AttemptStatus> losses) {
    long steps =
        losses.stream()
            .flatMap(loss -> Optional.ofNullable(loss.lostSteps()).stream())
            .mapToLong(Long::longValue)
            .max()
            .orElse(0);
    return steps * stepSeconds(pass);
  }

  /** A step takes all ranks as long as the one that is busy the longest. */
  private static double stepSeconds(Pass pass) {
    return ProgressFold.current(pass).stream()
        .flatMap(answer -> answer.progress().ranks().stream())
        .mapToDouble(rank -> rank.computeSeconds() + rank.waitSeconds())
        .filter(Double::isFinite)
        .max()
        .orElse(0);
  }
}
