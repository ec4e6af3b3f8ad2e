package dev.megalodon.operator.plan;

import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.plan.Loss.Verdict;
import dev.megalodon.operator.status.ConditionType;
import dev.megalodon.operator.status.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds out whether the job is over, from what exists now. */
final class OutcomeFinder {
  private OutcomeFinder() {}

  /** The first that applies; having finished comes before everything that went wrong. */
  static Optional<Outcome> find(Pass pass, List<String> violations, List<Loss> losses) {
    return complete(pass)
        .or(() -> invalid(violations))
        .or(() -> permanent(losses))
        .or(() -> Budget.exhausted(pass, losses))
        .or(() -> activeDeadline(pass))
        .or(() -> startDeadline(pass));
  }

  private static Optional<Outcome> complete(Pass pass) {
    return pass.currentPod(0)
        .filter(pod -> pod.life() == WorkerPod.Life.SUCCEEDED)
        .map(pod -> new Outcome(true, "AllStepsDone", "", Optional.empty()));
  }

  private static Optional<Outcome> invalid(List<String> violations) {
    return violations.isEmpty()
        ? Optional.empty()
        : Optional.of(Outcome.failed("InvalidSpec", String.join("; ", violations)));
  }

  private static Optional<Outcome> permanent(List<Loss> losses) {
    return losses.stream()
        .filter(loss -> loss.verdict() == Verdict.PERMANENT)
        .findFirst()
        .map(loss -> new Outcome(false, loss.cause(), rankAndWords(loss), Optional.of(loss)));
  }

  private static String rankAndWords(Loss loss) {
    return "rank %d: %s"
        .formatted(loss.rank(), loss.message().isEmpty() ? loss.cause() : loss.message());
  }

  private static Optional<Outcome> activeDeadline(Pass pass) {
    return overdue(pass, pass.spec().activeDeadlineSeconds())
        .map(
            limit ->
                Outcome.failed(
                    "DeadlineExceeded",
                    "active for longer than spec.activeDeadlineSeconds (" + limit + ")"));
  }

  private static Optional<Outcome> startDeadline(Pass pass) {
    if (wasReadySinceStart(pass)) {
      return Optional.empty();
    }
    return overdue(pass, pass.spec().startDeadlineSeconds())
        .map(
            limit ->
                Outcome.failed(
                    "StartDeadlineExceeded",
                    "not all workers were ready within "
                        + Times.brief(Duration.ofSeconds(limit))
                        + ": "
                        + Readiness.of(pass).message()));
  }

  private static boolean wasReadySinceStart(Pass pass) {
    boolean ready = pass.conditions().holds(ConditionType.PODS_READY);
    Optional<Instant> start = pass.status.startTime();
    return ready
        || pass.conditions()
            .since(ConditionType.PODS_READY)
            .filter(since -> start.filter(since::isAfter).isPresent())
            .isPresent();
  }

  private static Optional<Long> overdue(Pass pass, @Nullable Long limitSeconds) {
    if (limitSeconds == null || pass.spec().suspend()) {
      return Optional.empty();
    }
    return pass.status
        .startTime()
        .filter(start -> pass.isOver(start, Duration.ofSeconds(limitSeconds)))
        .map(start -> limitSeconds);
  }
}
