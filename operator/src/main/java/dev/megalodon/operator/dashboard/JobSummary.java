package dev.megalodon.operator.dashboard;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.TrainingProgress;
import dev.megalodon.crds.v1alpha1.WorkerCounts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job in one line of the list.
 *
 * @param namespace its namespace
 * @param name its name
 * @param created when it was created, RFC 3339
 * @param phase where it is
 * @param startTime as in the status
 * @param completionTime as in the status
 * @param progress as in the status
 * @param workers as in the status
 * @param restarts as in the status
 * @param goodputPercent as in the status
 * @param conditions as in the status, those that hold or that say why something does not
 * @param losses what the status said so far, by rising step
 */
@JsonInclude(Include.NON_NULL)
record JobSummary(
    String namespace,
    String name,
    String created,
    JobPhase phase,
    @Nullable String startTime,
    @Nullable String completionTime,
    @Nullable TrainingProgress progress,
    @Nullable WorkerCounts workers,
    @Nullable Integer restarts,
    @Nullable Integer goodputPercent,
    List<Condition> conditions,
    List<LossHistory.Point> losses) {

  static JobSummary of(MegalodonTrainingJob job, List<LossHistory.Point> losses) {
    var metadata = job.getMetadata();
    MegalodonTrainingJobStatus status = job.getStatus();
    return status == null
        ? unseen(job)
        : new JobSummary(
            metadata.getNamespace(),
            metadata.getName(),
            metadata.getCreationTimestamp(),
            status.phase() == null ? JobPhase.PENDING : status.phase(),
            status.startTime(),
            status.completionTime(),
            status.progress(),
            status.workers(),
            status.restarts(),
            status.goodputPercent(),
            status.conditions() == null ? List.of() : status.conditions(),
            losses);
  }

  /** The operator has not come to it yet. */
  private static JobSummary unseen(MegalodonTrainingJob job) {
    var metadata = job.getMetadata();
    return new JobSummary(
        metadata.getNamespace(),
        metadata.getName(),
        metadata.getCreationTimestamp(),
        JobPhase.PENDING,
        null,
        null,
        null,
        null,
        null,
        null,
        List.of(),
        List.of());
  }
}
