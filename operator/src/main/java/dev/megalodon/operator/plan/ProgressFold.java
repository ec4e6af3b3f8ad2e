package dev.megalodon.operator.plan;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.Progress.Phase;
import dev.megalodon.operator.observe.ObservedProgress;
import dev.megalodon.operator.status.ProgressStatus;
import java.util.Optional;
import java.util.Set;

/** Takes a worker's answer into the status. */
final class ProgressFold {
  private static final Set<Phase> MAKES_STEPS =
      Set.of(Phase.TRAINING, Phase.FINISHING, Phase.COMPLETE);

  private ProgressFold() {}

  /** Whether a worker in this phase has joined and makes steps. */
  static boolean makesSteps(Progress progress) {
    return MAKES_STEPS.contains(progress.phase());
  }

  /**
   * Takes over the newest answer, if it is of a current incarnation. While ranks meet and load, the
   * progress of before stays: it is what the job had, and what lost steps are counted from.
   */
  static void fold(Pass pass) {
    current(pass)
        .map(ObservedProgress::progress)
        .filter(ProgressFold::makesSteps)
        .ifPresent(
            progress -> {
              pass.status.progress(ProgressStatus.of(progress));
              ProgressStatus.checkpoint(progress).ifPresent(pass.status::checkpoint);
            });
  }

  /** The newest answer of a worker that is not superseded and takes part already. */
  static Optional<ObservedProgress> current(Pass pass) {
    return pass.snapshot
        .progress()
        .filter(
            observed ->
                observed.progress().rank() < pass.worldSize()
                    && pass.status
                        .rank(observed.progress().rank())
                        .filter(rank -> rank.incarnation() == observed.progress().incarnation())
                        .isPresent());
  }
}
