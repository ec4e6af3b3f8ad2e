package dev.megalodon.operator.plan;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.operator.observe.ObservedProgress;
import dev.megalodon.operator.status.ConditionType;

/** Says that checkpoints cannot be written, while that is so. Training goes on. */
final class CheckpointTrouble {
  private CheckpointTrouble() {}

  static void describe(Pass pass) {
    ProgressFold.current(pass)
        .map(ObservedProgress::progress)
        .ifPresent(answer -> describe(pass, answer));
  }

  private static void describe(Pass pass, Progress answer) {
    String failure = answer.checkpointFailure();
    if (failure != null) {
      pass.conditions().set(ConditionType.CHECKPOINT_FAILING, true, "WriteFailed", failure);
    } else if (answer.rank() == 0 && ProgressFold.makesSteps(answer)) {
      // Rank 0 commits every checkpoint; that another rank has no complaint says little.
      pass.conditions()
          .setIfKnown(
              ConditionType.CHECKPOINT_FAILING, false, "Recovered", "checkpoints are written");
    }
  }
}
