package dev.megalodon.operator.dashboard;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.megalodon.crds.v1alpha1.DataSpec;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.ModelSpec;
import dev.megalodon.crds.v1alpha1.ParallelismSpec;
import dev.megalodon.crds.v1alpha1.TrainingSpec;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * All that is shown of a job. Of its spec only what is named here: never the pod template, whose
 * environment may hold secrets.
 *
 * @param namespace its namespace
 * @param name its name
 * @param created when it was created, RFC 3339
 * @param suspend whether it is asked to rest
 * @param status as it is
 * @param spec what is shown of the spec
 * @param losses what the status said so far, by rising step
 */
@JsonInclude(Include.NON_NULL)
record JobDetails(
    String namespace,
    String name,
    String created,
    boolean suspend,
    @Nullable MegalodonTrainingJobStatus status,
    Spec spec,
    List<LossHistory.Point> losses) {

  /** What is shown of a spec. */
  @JsonInclude(Include.NON_NULL)
  record Spec(
      ModelSpec model,
      TrainingSpec training,
      ParallelismSpec parallelism,
      DataSpec.Format format,
      DataSpec.TokenizerKind tokenizer,
      int sequenceLength,
      List<DataSpec.Source> sources,
      String checkpointClaim,
      long checkpointEverySteps,
      int checkpointsKept,
      int maxRestarts,
      String device) {

    static Spec of(MegalodonTrainingJobSpec spec) {
      DataSpec data = spec.data();
      return new Spec(
          spec.model(),
          spec.training(),
          spec.parallelism(),
          data.format(),
          data.tokenizer().kind(),
          data.sequenceLength(),
          data.sources(),
          spec.checkpoint().volume().claimName(),
          spec.checkpoint().everySteps(),
          spec.checkpoint().keepLast(),
          spec.failurePolicy().maxRestarts(),
          spec.worker().device().name().toLowerCase(Locale.ROOT));
    }
  }

  static JobDetails of(MegalodonTrainingJob job, List<LossHistory.Point> losses) {
    var metadata = job.getMetadata();
    return new JobDetails(
        metadata.getNamespace(),
        metadata.getName(),
        metadata.getCreationTimestamp(),
        job.getSpec().suspend(),
        job.getStatus(),
        Spec.of(job.getSpec()),
        losses);
  }
}
