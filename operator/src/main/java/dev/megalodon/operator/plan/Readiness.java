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
 * @param hindrance what kind of cause that is; empty if all are ready
 * @param since when the last of them became ready; empty while one is not
 */
record Readiness(
    int ready,
    int desired,
    String reason,
    String message,
    Optional<Hindrance> hindrance,
    Optional<Instant> since) {

  /** One rank that is not ready. */
  private record Waiting(int rank, Hindrance hindrance, Blocker why) {}

  /** What keeps a rank from being ready; what needs a person comes first. */
  enum Hindrance {
    /** The API server will not have its pod. */
    REFUSED,
    /** Its pod cannot run. */
    BLOCKED,
    /** It failed and waits until it is started again. */
    BACKING_OFF,
    /** The pod before it has yet to go. */
    LEAVING,
    /** It needs time, and nothing else. */
    STARTING
  }

  boolean all() {
    return ready == desired;
  }

  /** Whether what is waited for may never come by itself. */
  boolean isBlocked() {
    return hindrance
        .filter(worst -> worst == Hindrance.REFUSED || worst == Hindrance.BLOCKED)
        .isPresent();
  }

  /** Whether a worker failed and waits until it is started again. */
  boolean isBackingOff() {
    return hindrance.filter(worst -> worst == Hindrance.BACKING_OFF).isPresent();
  }

  /** Of all ranks that train together. */
  static Readiness of(Pass pass) {
    return of(pass, 0, pass.worldSize());
  }

  /** Of the ranks from {@code first} to before {@code end}. */
  static Readiness of(Pass pass, int first, int end) {
    List<Waiting> waiting =
        IntStream.range(first, end)
            .mapToObj(rank -> waiting(pass, rank))
            .flatMap(Optional::stream)
            .sorted(Comparator.comparing(Waiting::hindrance).thenComparing(Waiting::rank))
            .toList();
    int desired = end - first;
    int ready = desired - waiting.size();
    String count = "%d of %d workers are ready".formatted(ready, desired);
    if (waiting.isEmpty()) {
      Optional<Instant> since = lastReady(pass, first, end);
      return new Readiness(ready, desired, "AllReady", count, Optional.empty(), since);
    }
    Waiting worst = waiting.getFirst();
    String message = "%s; rank %d: %s".formatted(count, worst.rank(), worst.why().message());
    return new Readiness(
        ready,
        desired,
        worst.why().reason(),
        message,
        Optional.of(worst.hindrance()),
        Optional.empty());
  }

  private static Optional<Instant> lastReady(Pass pass, int first, int end) {
    return IntStream.range(first, end)
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
                () ->
                    new Waiting(
                        rank, Hindrance.STARTING, new Blocker("Starting", "pod is being made"))));
  }

  /** A rank that is done has been ready and needs nothing. */
  private static boolean counts(WorkerPod pod) {
    return pod.isReady() || pod.life() == WorkerPod.Life.SUCCEEDED;
  }

  private static Waiting waitingPod(WorkerPod pod) {
    if (pod.isDeleting()) {
      return waiting(pod, Hindrance.LEAVING, "Terminating", "saves and leaves");
    }
    if (pod.blocker().isPresent()) {
      Blocker why = pod.blocker().get();
      String message = why.reason() + ": " + why.message();
      return waiting(pod, Hindrance.BLOCKED, why.reason(), message);
    }
    return pod.life() == WorkerPod.Life.PENDING
        ? waiting(pod, Hindrance.STARTING, "Starting", "is being created")
        : waiting(pod, Hindrance.STARTING, "Starting", "does not answer yet");
  }

  private static Waiting waiting(
      WorkerPod pod, Hindrance hindrance, String reason, String message) {
    return new Waiting(
        pod.rank(), hindrance, new Blocker(reason, "pod " + pod.name() + " " + message));
  }

  private static Optional<Waiting> refused(Pass pass, int rank) {
    return Optional.ofNullable(pass.snapshot.refusals().get(rank))
        .map(why -> new Waiting(rank, Hindrance.REFUSED, why));
  }

  private static Optional<Waiting> behindLeaver(Pass pass, int rank) {
    return pass.leavers(rank).stream()
        .findFirst()
        .map(pod -> waiting(pod, Hindrance.LEAVING, "Terminating", "has yet to save and leave"));
  }

  private static Optional<Waiting> backingOff(Pass pass, int rank) {
    return pass.status
        .rank(rank)
        .map(RankStatus::nextStart)
        .filter(Objects::nonNull)
        .map(start -> new Waiting(rank, Hindrance.BACKING_OFF, backOff(pass, rank, start)));
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
