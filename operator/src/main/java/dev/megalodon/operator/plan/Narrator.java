package dev.megalodon.operator.plan;

import static java.util.stream.Collectors.toSet;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.StragglerStatus;
import dev.megalodon.operator.status.Attempts;
import dev.megalodon.operator.status.ConditionType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tells in events what a status write means: one for each transition, none for anything else. */
public final class Narrator {
  private static final Set<String> TOLD_BY_CONDITION = Set.of(Suspension.CAUSE, Resize.CAUSE);

  private Narrator() {}

  static List<Notice> tell(MegalodonTrainingJobStatus before, MegalodonTrainingJobStatus after) {
    List<Notice> notices = new ArrayList<>();
    Set<AttemptStatus> known = new HashSet<>(orEmpty(before.attempts()));
    orEmpty(after.attempts()).stream()
        .filter(attempt -> known.stream().noneMatch(old -> Attempts.isSame(old, attempt)))
        .filter(attempt -> !TOLD_BY_CONDITION.contains(attempt.cause()))
        .forEach(attempt -> notices.add(lost(attempt)));
    slow(before, after).forEach(notices::add);
    for (ConditionType type : ConditionType.values()) {
      turned(type, before, after).ifPresent(notices::add);
    }
    return notices;
  }

  private static Stream<Notice> slow(
      MegalodonTrainingJobStatus before, MegalodonTrainingJobStatus after) {
    Set<Integer> known =
        orEmpty(before.stragglers()).stream().map(StragglerStatus::rank).collect(toSet());
    return orEmpty(after.stragglers()).stream()
        .filter(rank -> !known.contains(rank.rank()))
        .map(
            rank ->
                "rank %d computes %.2g s in each step, %.2g times as long as the median of the others"
                    .formatted(rank.rank(), rank.computeSeconds(), rank.ratio()))
        .map(message -> new Notice(true, "Straggler", message));
  }

  private static Notice lost(AttemptStatus attempt) {
    String message = Objects.requireNonNullElse(attempt.message(), "");
    String text =
        "rank %d (incarnation %d)%s"
            .formatted(
                attempt.rank(), attempt.incarnation(), message.isEmpty() ? "" : ": " + message);
    boolean permanent =
        Optional.ofNullable(attempt.exitCode())
            .filter(code -> ExitCode.verdict(code) == ExitCode.Verdict.PERMANENT)
            .isPresent();
    return new Notice(attempt.charged() || permanent, attempt.cause(), text);
  }

  /**
   * What the creation of pods means; empty if none was created.
   *
   * @param status the status they were created under
   */
  public static Optional<Notice> created(
      MegalodonTrainingJobStatus status, List<Plan.CreatePod> created) {
    if (created.isEmpty()) {
      return Optional.empty();
    }
    List<String> what =
        created.stream()
            .map(pod -> "rank %d (incarnation %d)".formatted(pod.rank(), pod.incarnation()))
            .toList();
    boolean replaces =
        orEmpty(status.attempts()).stream().anyMatch(attempt -> isReplaced(attempt, created));
    String verb = replaces ? "replaces" : "creates";
    String list = what.size() <= 4 ? String.join(", ", what) : what.size() + " workers";
    return Optional.of(
        new Notice(false, replaces ? "WorkerReplaced" : "WorkersCreated", verb + " " + list));
  }

  private static boolean isReplaced(AttemptStatus attempt, List<Plan.CreatePod> created) {
    return attempt.recovered() == null
        && created.stream().anyMatch(pod -> pod.rank() == attempt.rank());
  }

  private static Optional<Notice> turned(
      ConditionType type, MegalodonTrainingJobStatus before, MegalodonTrainingJobStatus after) {
    boolean was = find(type, before).filter(Narrator::holds).isPresent();
    Optional<Condition> now = find(type, after);
    boolean is = now.filter(Narrator::holds).isPresent();
    if (was == is || now.isEmpty()) {
      return Optional.empty();
    }
    String message = now.get().message();
    return switch (type) {
      case SUSPENDED -> Optional.of(new Notice(false, is ? "Suspended" : "Resumed", message));
      case RUNNING -> is ? Optional.of(new Notice(false, "Running", message)) : Optional.empty();
      case RESTARTING ->
          is ? Optional.of(new Notice(true, "Restarting", message)) : Optional.empty();
      case RESIZING -> Optional.of(new Notice(false, is ? "Resizing" : "Resized", message));
      case COMPLETE -> Optional.of(new Notice(false, "Complete", message));
      case FAILED -> Optional.of(new Notice(true, "Failed", now.get().reason() + ": " + message));
      case CHECKPOINT_FAILING ->
          Optional.of(new Notice(is, is ? "CheckpointFailing" : "CheckpointRecovered", message));
      // A stall is told with the loss that it is.
      case PODS_READY, STALLED -> Optional.empty();
    };
  }

  private static Optional<Condition> find(ConditionType type, MegalodonTrainingJobStatus status) {
    return orEmpty(status.conditions()).stream()
        .filter(condition -> condition.type().equals(type.label()))
        .findFirst();
  }

  private static boolean holds(Condition condition) {
    return condition.status() == Condition.Status.TRUE;
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
