package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.CleanPodPolicy;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.operator.observe.Termination;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.status.ConditionType;
import dev.megalodon.operator.status.ProgressStatus;
import dev.megalodon.operator.status.Times;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Brings a job to its final status. Running pods go first: once the status is final nobody plans
 * for them any more. The pod whose end decided the outcome stays until the status is written, so
 * that an operator killed in between comes to the same decision.
 */
final class Ending {
  private Ending() {}

  static void plan(Pass pass, Outcome outcome) {
    List<WorkerPod> live = pass.livePods();
    if (outcome.complete() && !live.isEmpty() && !isPatienceOver(pass)) {
      return;
    }
    if (pass.spec().cleanPodPolicy() != CleanPodPolicy.NONE) {
      live.stream()
          .filter(pod -> !pod.isDeleting() && !decides(pass, outcome, pod))
          .forEach(pod -> pass.first(new Action.DeletePod(pod.name(), "the job is over")));
    }
    outcome.fatal().ifPresent(loss -> Losses.record(pass, loss));
    if (outcome.complete()) {
      complete(pass, outcome);
    } else {
      conditions(pass, ConditionType.FAILED, outcome.reason(), outcome.message());
      pass.status.phase(JobPhase.FAILED);
    }
    pass.status.workers(0, 0);
    pass.status.completed(pass.now);
    pass.wakeAt(pass.now);
  }

  /** A live pod can fail the job only by its stall; it is cleaned up once that is written. */
  private static boolean decides(Pass pass, Outcome outcome, WorkerPod pod) {
    return !outcome.complete() && StallFinder.find(pass, pod).isPresent();
  }

  /** Whether the other ranks have had their time to end by themselves after rank 0 did. */
  private static boolean isPatienceOver(Pass pass) {
    return pass.currentPod(0)
        .flatMap(WorkerPod::termination)
        .flatMap(Termination::finishedAt)
        .map(finished -> pass.isOver(finished, pass.limits.completion()))
        .orElse(true);
  }

  private static void complete(Pass pass, Outcome outcome) {
    finalProgress(pass);
    Optional<String> summary = pass.status.progress().map(ProgressStatus::summary);
    Optional<String> took =
        pass.status
            .startTime()
            .map(start -> "took " + Times.brief(Duration.between(start, pass.now)));
    Optional<String> goodput = Outages.goodput(pass).map("goodput %d %%"::formatted);
    String message =
        Stream.of(summary.or(() -> Optional.of("all steps are done")), took, goodput)
            .flatMap(Optional::stream)
            .collect(Collectors.joining(", "));
    conditions(pass, ConditionType.COMPLETE, outcome.reason(), message);
    pass.conditions()
        .setIfKnown(
            ConditionType.CHECKPOINT_FAILING, false, "Recovered", "the last one is written");
    pass.status.phase(JobPhase.COMPLETE);
  }

  /** The last answer to a question may be older than the last step; the last words are not. */
  private static void finalProgress(Pass pass) {
    pass.currentPod(0)
        .flatMap(WorkerPod::termination)
        .flatMap(Termination::progress)
        .ifPresent(
            progress -> {
              pass.status.progress(ProgressStatus.of(progress));
              ProgressStatus.checkpoint(progress).ifPresent(pass.status::checkpoint);
            });
    pass.status.progress().map(ProgressStatus::finished).ifPresent(pass.status::progress);
  }

  private static void conditions(Pass pass, ConditionType type, String reason, String message) {
    pass.conditions().set(ConditionType.PODS_READY, false, "JobFinished", "the job is over");
    pass.conditions().set(ConditionType.RUNNING, false, "JobFinished", "the job is over");
    List.of(
            ConditionType.RESTARTING,
            ConditionType.RESIZING,
            ConditionType.STALLED,
            ConditionType.SUSPENDED)
        .forEach(
            known -> pass.conditions().setIfKnown(known, false, "JobFinished", "the job is over"));
    pass.status.stragglers(List.of());
    pass.conditions().set(type, true, reason, message);
  }
}
