package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.operator.observe.Blocker;
import dev.megalodon.operator.observe.WorkerPod;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which workers are ready, and why the others are not.
 *
 * @param ready workers that are ready
 * @param desired workers that should be
 * @param reason one CamelCase word
 * @param message the sentence: the most telling cause, with its rank
 * @param since when the last of them became ready; empty while one is not
 */
record Readiness(int ready, int desired, String reason, String message, Optional<Instant> since) {

  /** One rank that is not ready; causes that need a person come first. */
  private record Waiting(int rank, int order, Blocker why) {}

  private static final int REFUSED = 0;
  private static final int BLOCKED = 1;
  private static final int BACKING_OFF = 2;
  private static final int LEAVING = 3;
  private static final int STARTING = 4;

  boolean all() {
    return ready == desired;
  }

  static Readiness of(Pass pass) {
    List<Waiting> waiting =
        IntStream.range(0, pass.worldSize())
            .mapToObj(rank -> waiting(pass, rank))
            .flatMap(Optional::stream)
            .sorted(Comparator.comparingInt(Waiting::order).thenComparing(Waiting::rank))
            .toList();
    int desired = pass.worldSize();
    int ready = desired - waiting.size();
    String count = "%d of %d workers are ready".formatted(ready, desired);
    if (waiting.isEmpty()) {
      return new Readiness(ready, desired, "AllReady", count, lastReady(pass));
    }
    Waiting worst = waiting.getFirst();
    String message = "%s; rank %d: %s".formatted(count, worst.rank(), worst.why().message());
    return new Readiness(ready, desired, worst.why().reason(), message, Optional.empty());
  }

  private static Optional<Instant> lastReady(Pass pass) {
    return IntStream.range(0, pass.worldSize())
        .mapToObj(pass::currentPod)
        .flatMap(Optional::stream)
        .flatMap(pod -> pod.readySince().stream())
        .max(Comparator.naturalOrder());
  }

  private static Optional<Waiting> waiting(Pass pass, int rank) {
    Optional<WorkerPod> pod = pass.currentPod(rank);
    if (pod.filter(Readiness::counts).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        pod.map(Readiness::waitingPod)
            .or(() -> refused(pass, rank))
            .or(() -> behindLeaver(pass, rank))
            .or(() -> backingOff(pass, rank))
            .orElseGet(
                () -> new Waiting(rank, STARTING, new Blocker("Starting", "pod is being made"))));
  }

  /** A rank that is done has been ready and needs nothing. */
  private static boolean counts(WorkerPod pod) {
    return pod.isReady() || pod.life() == WorkerPod.Life.SUCCEEDED;
  }

  private static Waiting waitingPod(WorkerPod pod) {
    if (pod.isDeleting()) {
      return waiting(pod, LEAVING, "Terminating", "saves and leaves");
    }
    if (pod.blocker().isPresent()) {
      Blocker why = pod.blocker().get();
      String message = why.reason() + ": " + why.message();
      return waiting(pod, BLOCKED, why.reason(), message);
    }
    return pod.life() == WorkerPod.Life.PENDING
        ? waiting(pod, STARTING, "Starting", "is being created")
        : waiting(pod, STARTING, "Starting", "does not answer yet");
  }

  private static Waiting waiting(WorkerPod pod, int order, String reason, String message) {
    return new Waiting(pod.rank(), order, new Blocker(reason, "pod " + pod.name() + " " + message));
  }

  private static Optional<Waiting> refused(Pass pass, int rank) {
    return Optional.ofNullable(pass.snapshot.refusals().get(rank))
        .map(why -> new Waiting(rank, REFUSED, why));
  }

  private static Optional<Waiting> behindLeaver(Pass pass, int rank) {
    return pass.leavers(rank).stream()
        .findFirst()
        .map(pod -> waiting(pod, LEAVING, "Terminating", "has yet to save and leave"));
  }

  private static Optional<Waiting> backingOff(Pass pass, int rank) {
    return pass.status
        .rank(rank)
        .map(RankStatus::nextStart)
        .filter(Objects::nonNull)
        .map(start -> new Waiting(rank, BACKING_OFF, backOff(pass, rank, start)));
  }

  private static Blocker backOff(Pass pass, int rank, String start) {
    Optional<AttemptStatus> last =
        pass.status.attempts().reversed().stream()
            .filter(attempt -> attempt.rank() == rank)
            .findFirst();
    String reason = last.map(AttemptStatus::cause).orElse("BackOff");
    return new Blocker(
        reason, "starts again at " + start + last.map(Readiness::describe).orElse(""));
  }

  private static String describe(AttemptStatus attempt) {
    String message = Objects.requireNonNullElse(attempt.message(), "");
    return " after " + attempt.cause() + (message.isEmpty() ? "" : ": " + message);
  }
}
