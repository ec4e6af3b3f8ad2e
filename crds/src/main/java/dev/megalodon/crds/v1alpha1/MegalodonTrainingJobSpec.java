package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** What a person asks for. */
@JsonInclude(Include.NON_NULL)
public record MegalodonTrainingJobSpec(
    @JsonPropertyDescription("The model to train. Immutable.") @Required ModelSpec model,
    @JsonPropertyDescription("The text to train on. Immutable.") @Required DataSpec data,
    @JsonPropertyDescription("How to train. Immutable.") @Required TrainingSpec training,
    @JsonPropertyDescription("How many ranks share the work, and how. Immutable.") @Default("{}")
        ParallelismSpec parallelism,
    @JsonPropertyDescription("Where and how often state is saved. Immutable.") @Required
        CheckpointSpec checkpoint,
    @JsonPropertyDescription(
            "What happens when a worker fails. May change at any time; running workers keep the"
                + " rejoinSeconds they were started with.")
        @Default("{}")
        FailurePolicySpec failurePolicy,
    @JsonPropertyDescription(
            "The worker pods. device, gemm and threads are immutable; the rest may change while"
                + " the job is suspended.")
        @Default("{}")
        WorkerSpec worker,
    @JsonPropertyDescription(
            "How pods are placed. May be set and changed while the job is suspended.")
        @Nullable SchedulingSpec scheduling,
    @JsonPropertyDescription(
            "True: the workers write a checkpoint and leave; nothing runs until it is false again."
                + " Time spent suspended counts towards no deadline. May change at any time.")
        @Default("false")
        boolean suspend,
    @JsonPropertyDescription(
            "Who reconciles this job. Absent: this operator. With any other value this operator"
                + " ignores the job. Immutable.")
        @Nullable String managedBy,
    @JsonPropertyDescription(
            "Seconds the job may be active (not suspended) before it fails with reason"
                + " DeadlineExceeded. Absent: no limit. May change at any time.")
        @Min(1)
        @Nullable Long activeDeadlineSeconds,
    @JsonPropertyDescription(
            "Seconds from start (or resumption) until all workers must be ready, else the job fails"
                + " with reason StartDeadlineExceeded. Absent: no limit. May change at any time.")
        @Min(1)
        @Nullable Long startDeadlineSeconds,
    @JsonPropertyDescription(
            "Seconds after which a finished job is deleted with all it owns (checkpoints stay)."
                + " Absent: never. May change at any time.")
        @Min(0)
        @Nullable Long ttlSecondsAfterFinished,
    @JsonPropertyDescription(
            "Which worker pods are deleted when the job finishes: None, those still Running (failed"
                + " ones stay for their logs), or All. May change at any time.")
        @Default("Running")
        CleanPodPolicy cleanPodPolicy) {}
