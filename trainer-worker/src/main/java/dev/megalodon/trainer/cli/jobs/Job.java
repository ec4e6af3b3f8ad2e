package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.crds.v1alpha1.TrainingProgress;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A job as the API server has it.
 *
 * @param metadata who it is
 * @param spec what is asked for
 * @param status what the operator saw; null before it has seen the job
 */
record Job(
    Metadata metadata, MegalodonTrainingJobSpec spec, @Nullable MegalodonTrainingJobStatus status) {

  /**
   * Who it is.
   *
   * @param generation grows with every change of the spec
   */
  record Metadata(String name, String namespace, long generation) {}

  String name() {
    return metadata.name();
  }

  /** A part of the status, if it is there. */
  <T> Optional<T> told(Function<MegalodonTrainingJobStatus, @Nullable T> part) {
    return Optional.ofNullable(status).map(part);
  }

  private <T> List<T> list(Function<MegalodonTrainingJobStatus, @Nullable List<T>> part) {
    return told(part).orElse(List.of());
  }

  JobPhase phase() {
    return told(MegalodonTrainingJobStatus::phase).orElse(JobPhase.PENDING);
  }

  /** The phase as kubectl shows it. */
  String phaseName() {
    String name = phase().name();
    return name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT);
  }

  Optional<TrainingProgress> progress() {
    return told(MegalodonTrainingJobStatus::progress);
  }

  List<Condition> conditions() {
    return list(MegalodonTrainingJobStatus::conditions);
  }

  List<RankStatus> ranks() {
    return list(MegalodonTrainingJobStatus::ranks);
  }

  List<AttemptStatus> attempts() {
    return list(MegalodonTrainingJobStatus::attempts);
  }

  /** Whether a condition holds. */
  boolean holds(String type) {
    return conditions().stream()
        .anyMatch(
            condition ->
                condition.type().equals(type) && condition.status() == Condition.Status.TRUE);
  }

  /** Whether the status is about the newest spec. */
  boolean isObserved() {
    return told(MegalodonTrainingJobStatus::observedGeneration).orElse(0L) >= metadata.generation();
  }

  /** The pod of rank 0, if one was seen. */
  Optional<String> firstPod() {
    return ranks().stream()
        .filter(rank -> rank.rank() == 0)
        .map(RankStatus::pod)
        .filter(Objects::nonNull)
        .findFirst();
  }
}
