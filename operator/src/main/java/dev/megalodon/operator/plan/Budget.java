package dev.megalodon.operator.plan;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.BudgetStatus;
import dev.megalodon.crds.v1alpha1.CheckpointStatus;
import dev.megalodon.crds.v1alpha1.TrainingProgress;
import dev.megalodon.operator.plan.Loss.Verdict;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The restarts a job may use. What a checkpoint beyond the last failure proves is that the failures
 * before it are over: it gives them back, so that a long run may fail often and a job that gets
 * nowhere fails soon.
 */
final class Budget {
  private Budget() {}

  /** Gives used restarts back if training got further than it was at the last of them. */
  static void refund(Pass pass) {
    BudgetStatus budget = pass.status.budget();
    long saved = pass.status.checkpoint().map(CheckpointStatus::step).orElse(0L);
    if (refunds(pass) && budget.used() > 0 && saved > budget.sinceStep()) {
      pass.status.budget(new BudgetStatus(0, saved, budget.paidIncarnation()));
    }
  }

  /**
   * Of all that fails until training goes on, only the first is charged: a gang that dies together,
   * or whose members give up on each other, had one failure. A worker that was started since fails
   * on its own account.
   */
  static List<Loss> chargeOnce(Pass pass, List<Loss> losses) {
    long paid = Objects.requireNonNullElse(pass.status.budget().paidIncarnation(), 0L);
    List<Loss> due =
        losses.stream()
            .filter(Budget::isCharged)
            .filter(loss -> loss.incarnation() > paid)
            .toList();
    // Who gave up on others is rarely who failed.
    Optional<Loss> payer =
        due.stream()
            .filter(loss -> !gaveUpOnPeers(loss))
            .findFirst()
            .or(() -> due.stream().findFirst());
    return losses.stream()
        .map(
            loss ->
                isCharged(loss) && !payer.equals(Optional.of(loss))
                    ? loss.as(Verdict.UNCHARGED)
                    : loss)
        .toList();
  }

  private static boolean isCharged(Loss loss) {
    return loss.verdict() == Verdict.CHARGED;
  }

  private static boolean gaveUpOnPeers(Loss loss) {
    return loss.exitCode().filter(code -> code == ExitCode.PEERS_LOST.code()).isPresent();
  }

  /** Charges one restart, in the same status write as the loss. */
  static void charge(Pass pass) {
    pass.status.chargeRestart();
    int used = pass.status.budget().used() + 1;
    Long before = pass.snapshot.status().lastIncarnation();
    pass.status.budget(new BudgetStatus(used, sinceStep(pass), before));
  }

  /** Training goes on: what fails from now on is another failure. */
  static void recovered(Pass pass) {
    BudgetStatus budget = pass.status.budget();
    if (budget.paidIncarnation() != null) {
      pass.status.budget(new BudgetStatus(budget.used(), budget.sinceStep(), null));
    }
  }

  /** The end of a job whose losses are more than it may have. */
  static Optional<Outcome> exhausted(Pass pass, List<Loss> losses) {
    List<Loss> charged = losses.stream().filter(Budget::isCharged).toList();
    int allowed = pass.spec().failurePolicy().maxRestarts();
    int used = refunds(pass) ? pass.status.budget().used() : pass.status.restarts();
    if (charged.isEmpty() || used + charged.size() <= allowed) {
      return Optional.empty();
    }
    Loss last = charged.getLast();
    boolean gainedNothing = refunds(pass) && allowed > 0;
    String since =
        gainedNothing ? " since step %d, no newer checkpoint".formatted(sinceStep(pass)) : "";
    String message =
        "%d of %d restarts used%s; then %s".formatted(used, allowed, since, last.describe());
    String reason = gainedNothing ? "NoProgress" : "MaxRestartsExceeded";
    return Optional.of(new Outcome(false, reason, message, Optional.of(last)));
  }

  private static boolean refunds(Pass pass) {
    return pass.spec().failurePolicy().progressRefundsBudget();
  }

  /** How far training ever got; going back to a checkpoint takes nothing of it away. */
  private static long sinceStep(Pass pass) {
    long reached = pass.status.progress().map(TrainingProgress::step).orElse(0L);
    long saved = pass.status.checkpoint().map(CheckpointStatus::step).orElse(0L);
    BudgetStatus budget = pass.status.budget();
    return Math.max(Math.max(reached, saved), budget.used() > 0 ? budget.sinceStep() : 0);
  }
}
