package dev.megalodon.operator.plan;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.operator.observe.Termination;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.plan.Loss.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Says why a pod failed, whether that counts, and in whose words. */
final class PodFailure {
  /**
   * Reasons of a pod's DisruptionTarget condition, or Kueue's own; all of them mean "not the
   * worker's fault".
   */
  private static final Map<String, String> DISRUPTIONS =
      Map.of(
          "PreemptionByScheduler", "Preempted",
          "EvictionByEvictionAPI", "Evicted",
          "DeletionByTaintManager", "Evicted",
          "TerminationByKubelet", "Evicted",
          "DeletionByPodGC", "NodeLost",
          // Kueue's
          "NotAdmitted", QueueTime.PREEMPTED,
          "WorkloadDeleted", "Evicted",
          "NoMatchingWorkload", "Evicted");

  /** Reasons in a pod's own status that the kubelet writes when it takes a pod away. */
  private static final Set<String> KUBELET_REASONS =
      Set.of("Evicted", "Preempting", "Shutdown", "NodeShutdown", "Terminated", "NodeLost");

  private static final int SIGNAL_BASE = 128;

  private PodFailure() {}

  /** Explains a pod whose phase is Failed. */
  static Loss explain(WorkerPod pod, Limits limits) {
    return disrupted(pod)
        .or(() -> ended(pod))
        .orElseGet(() -> loss(pod, pod.reason().orElse("WorkerFailed"), Verdict.CHARGED, ""))
        .withHealth(wasHealthy(pod, limits.healthy()));
  }

  /** A pod that somebody deletes while it runs. */
  static Loss leaving(WorkerPod pod) {
    return disrupted(pod)
        .orElseGet(() -> loss(pod, "Deleted", Verdict.UNCHARGED, "its pod is being deleted"));
  }

  /** A pod whose node does not answer any more. */
  static Loss nodeLost(WorkerPod pod) {
    String node = pod.node().map(name -> "node " + name).orElse("its node");
    String what =
        pod.unreachableSince().isPresent()
            ? node + " does not answer"
            : node + " did not end the pod within its grace period";
    return loss(pod, "NodeLost", Verdict.UNCHARGED, what);
  }

  private static Optional<Loss> disrupted(WorkerPod pod) {
    return pod.disruption()
        .map(PodFailure::disruptionCause)
        .or(() -> pod.reason().filter(KUBELET_REASONS::contains).map(PodFailure::kubeletCause))
        .or(() -> Optional.of("Deleted").filter(cause -> pod.isDeleting()))
        .map(cause -> loss(pod, cause, Verdict.UNCHARGED, ""));
  }

  /** Kueue appends why it took the quota back: {@code WorkloadEvictedDueToPreempted}. */
  private static String disruptionCause(String reason) {
    return reason.startsWith("WorkloadEvicted")
        ? QueueTime.PREEMPTED
        : DISRUPTIONS.getOrDefault(reason, "Disrupted");
  }

  private static String kubeletCause(String reason) {
    return switch (reason) {
      case "NodeLost" -> "NodeLost";
      case "Preempting" -> "Preempted";
      default -> "Evicted";
    };
  }

  private static Optional<Loss> ended(WorkerPod pod) {
    return pod.termination().map(end -> ended(pod, end));
  }

  private static Loss ended(WorkerPod pod, Termination end) {
    if ("OOMKilled".equals(end.reason())) {
      return loss(pod, "OOMKilled", Verdict.CHARGED, "used more memory than its limit");
    }
    return switch (ExitCode.verdict(end.exitCode())) {
      case PERMANENT -> loss(pod, permanentCause(end.exitCode()), Verdict.PERMANENT, "");
      case UNCHARGED -> loss(pod, "LeftOnNotice", Verdict.UNCHARGED, "");
      // The container ended well and the pod failed all the same: something else in it did not.
      case RETRY, DONE -> loss(pod, "WorkerFailed", Verdict.CHARGED, describe(end));
    };
  }

  private static String describe(Termination end) {
    int signal = end.exitCode() - SIGNAL_BASE;
    boolean kubeletReason = !end.reason().isEmpty() && !"Error".equals(end.reason());
    String what =
        signal > 0 && signal < 65 ? "killed by signal " + signal : "exit code " + end.exitCode();
    return kubeletReason ? what + " (" + end.reason() + ")" : what;
  }

  private static String permanentCause(int exitCode) {
    return ExitCode.of(exitCode)
        .map(known -> Words.camelCase(known.name()))
        .orElse("PermanentExit" + exitCode);
  }

  private static Loss loss(WorkerPod pod, String cause, Verdict verdict, String observed) {
    String own = pod.termination().map(Termination::message).orElse("");
    String message =
        java.util.stream.Stream.of(observed, own, pod.message())
            .filter(part -> !part.isBlank())
            .distinct()
            .collect(Collectors.joining(": "));
    return new Loss(
        pod.rank(),
        pod.incarnation(),
        cause,
        message,
        pod.termination().map(Termination::exitCode),
        verdict);
  }

  private static boolean wasHealthy(WorkerPod pod, Duration enough) {
    Optional<Instant> end = pod.termination().flatMap(Termination::finishedAt);
    return pod.startedAt()
        .flatMap(start -> end.map(finish -> Duration.between(start, finish)))
        .filter(ran -> ran.compareTo(enough) >= 0)
        .isPresent();
  }
}
