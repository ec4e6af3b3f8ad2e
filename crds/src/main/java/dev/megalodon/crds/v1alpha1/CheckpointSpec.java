package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Where and how often state is saved. */
@JsonInclude(Include.NON_NULL)
public record CheckpointSpec(
    @JsonPropertyDescription("Volume that every worker writes to.") @Required Volume volume,
    @JsonPropertyDescription("Steps between checkpoints; the last step is always saved.")
        @Default("100")
        @Min(1)
        @Max(1_000_000_000)
        long everySteps,
    @JsonPropertyDescription(
            "Newest checkpoints that are kept; at least 2, so that one is left if the newest turns"
                + " out to be damaged.")
        @Default("3")
        @Min(2)
        @Max(1000)
        int keepLast,
    @JsonPropertyDescription(
            "Start from a checkpoint of another run. Absent: from this job's own newest, or from"
                + " step 0.")
        @Nullable ResumeFrom resumeFrom,
    @JsonPropertyDescription(
            "Seconds a worker has to save and leave when it is told to (drain, suspend); the pods'"
                + " termination grace period.")
        @Default("120")
        @Min(1)
        @Max(86_400)
        long graceSeconds) {

  /** The volume for checkpoints. */
  public record Volume(
      @JsonPropertyDescription(
              "PersistentVolumeClaim in the job's namespace; ReadWriteMany when workers run on"
                  + " more than one node. The job writes to the folder <namespace>/<job>-<uid>.")
          @Required
          @Size(min = 1, max = 253)
          String claimName) {}

  /** A checkpoint of another run. */
  @JsonInclude(Include.NON_NULL)
  @ValidationRule(
      value = "has(self.path) != has(self.job)",
      message = "set exactly one of path and job")
  @ValidationRule(
      value =
          "!has(self.path) || (!self.path.startsWith('/') && !self.path.split('/').exists(part,"
              + " part == '..'))",
      fieldPath = ".path",
      message = "path is relative to the checkpoint volume: no leading slash, no '..'")
  public record ResumeFrom(
      @JsonPropertyDescription("Checkpoint folder, relative to the checkpoint volume's root.")
          @Size(min = 1, max = 1024)
          @Nullable String path,
      @JsonPropertyDescription(
              "Name of a job of this namespace on the same checkpoint volume: its newest checkpoint"
                  + " is taken.")
          @Size(min = 1, max = 40)
          @Nullable String job) {}
}
