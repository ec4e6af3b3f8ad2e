package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the operator observed. Small and bounded whatever the length of the run: nothing in it is
 * written per step.
 */
@JsonInclude(Include.NON_NULL)
public record MegalodonTrainingJobStatus(
    @JsonPropertyDescription("Generation of the spec that this status is about.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription("Where the job is, in one word; conditions have the reason.")
        @Nullable JobPhase phase,
    @JsonPropertyDescription(
            "Suspended, PodsReady, Running, Restarting, Resizing, Stalled, CheckpointFailing,"
                + " Complete, Failed.")
        @Size(max = 16)
        @Nullable List<Condition> conditions,
    @JsonPropertyDescription(
            "When the job started or was last resumed, RFC 3339. Deadlines count from here.")
        @Nullable String startTime,
    @JsonPropertyDescription("When the job finished, RFC 3339.") @Nullable String completionTime,
    @JsonPropertyDescription("Worker pods, counted.") @Nullable WorkerCounts workers,
    @JsonPropertyDescription("Label selector of the worker pods.") @LabelSelector
        @Nullable String selector,
    @JsonPropertyDescription("How far the training is, as last asked of a worker.")
        @Nullable TrainingProgress progress,
    @JsonPropertyDescription("Newest committed checkpoint.") @Nullable CheckpointStatus checkpoint,
    @JsonPropertyDescription("Charged failures of workers over the whole life of the job.")
        @Nullable Integer restarts,
    @JsonPropertyDescription("What is used up of failurePolicy.maxRestarts.")
        @Nullable BudgetStatus budget,
    @JsonPropertyDescription(
            "Highest incarnation given to a pod; written before the pod is created.")
        @Nullable Long lastIncarnation,
    @JsonPropertyDescription(
            "Ranks that train together now; another number than the spec's while the job is being"
                + " resized.")
        @Nullable Integer worldSize,
    @JsonPropertyDescription("Newest failures and replacements, oldest first, at most 20.")
        @Size(max = MegalodonTrainingJobStatus.MAX_ATTEMPTS)
        @Nullable List<AttemptStatus> attempts,
    @JsonPropertyDescription("One entry for each rank that has a pod or waits for one.")
        @Size(max = 16_384)
        @Nullable List<RankStatus> ranks,
    @JsonPropertyDescription("Ranks that slow all others down, the slowest first, at most 16.")
        @Size(max = MegalodonTrainingJobStatus.MAX_STRAGGLERS)
        @Nullable List<StragglerStatus> stragglers,
    @JsonPropertyDescription("What the job's time went into.") @Nullable TimeStatus time,
    @JsonPropertyDescription("Share of the active time that went into steps that count, 0 to 100.")
        @Nullable Integer goodputPercent) {
  /** Entries of {@link #attempts} at most. */
  public static final int MAX_ATTEMPTS = 20;

  /** Entries of {@link #stragglers} at most. */
  public static final int MAX_STRAGGLERS = 16;
}
