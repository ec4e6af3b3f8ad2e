package dev.megalodon.e2e.faults;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.e2e.jobs.StepRecords;
import java.util.List;
import java.util.Optional;

/**
 * All there is to see of a job that was hurt, after its end.
 *
 * @param scene the job
 * @param before what it was like
 * @param watch what its workers said
 * @param steps what it logged
 * @param status its last status
 */
record Evidence(
    Scene scene, Before before, Watch watch, StepRecords steps, MegalodonTrainingJobStatus status) {

  static Evidence of(Scene scene, Before before, Watch watch) {
    return new Evidence(
        scene,
        before,
        watch,
        scene.workspace().steps(scene.job()),
        scene.workspace().job(scene.job()).getStatus());
  }

  /** Failures and replacements that the operator wrote down. */
  List<AttemptStatus> attempts() {
    return Optional.ofNullable(status.attempts()).orElse(List.of());
  }

  /** Their causes. */
  List<String> causes() {
    return attempts().stream().map(AttemptStatus::cause).toList();
  }

  /** Failures that were charged. */
  int restarts() {
    return Optional.ofNullable(status.restarts()).orElse(0);
  }

  /** The first step after the fault that another epoch made. */
  Optional<Long> firstNewStep() {
    return steps.firstOutside(before.epochs()).map(line -> line.get("step").asLong());
  }

  /** Why the job failed, if it did. */
  Optional<Condition> failure() {
    return scene.workspace().condition(scene.job(), "Failed");
  }
}
