package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** What a person asks for. */
@JsonInclude(Include.NON_NULL)
@ValidationRule(
    value =
        "self.data.sequenceLength % (has(self.model.dimensions) ? self.model.dimensions.chunkSize :"
            + " 2048) == 0",
    fieldPath = ".data.sequenceLength",
    messageExpression =
        "'sequenceLength (%d) must be a multiple of the attention chunk (%d)'.format(["
            + "self.data.sequenceLength, has(self.model.dimensions) ?"
            + " self.model.dimensions.chunkSize : 2048])",
    message = "sequenceLength must be a multiple of the attention chunk")
@ValidationRule(
    value =
        "self.data.sequenceLength >= self.parallelism.chunkParallel * (has(self.model.dimensions) ?"
            + " self.model.dimensions.chunkSize : 2048)",
    fieldPath = ".data.sequenceLength",
    messageExpression =
        "'sequenceLength (%d) must be at least parallelism.chunkParallel x the attention chunk (%d"
            + " x %d): every rank needs a chunk'.format([self.data.sequenceLength,"
            + " self.parallelism.chunkParallel, has(self.model.dimensions) ?"
            + " self.model.dimensions.chunkSize : 2048])",
    message = "sequenceLength must be at least parallelism.chunkParallel x the attention chunk")
@ValidationRule(
    value =
        "(self.parallelism.workers * self.parallelism.ranksPerPod) % self.parallelism.chunkParallel"
            + " != 0 || self.training.globalBatchSequences % ((self.parallelism.workers *"
            + " self.parallelism.ranksPerPod) / self.parallelism.chunkParallel) == 0",
    fieldPath = ".training.globalBatchSequences",
    messageExpression =
        "'globalBatchSequences (%d) must be a multiple of the data-parallel ranks, workers x"
            + " ranksPerPod / chunkParallel (%d x %d / %d)'.format(["
            + "self.training.globalBatchSequences, self.parallelism.workers,"
            + " self.parallelism.ranksPerPod, self.parallelism.chunkParallel])",
    message =
        "globalBatchSequences must be a multiple of the data-parallel ranks, workers x ranksPerPod"
            + " / chunkParallel")
@ValidationRule(
    value =
        "!has(self.training.microBatchSequences) || (self.parallelism.workers *"
            + " self.parallelism.ranksPerPod) % self.parallelism.chunkParallel != 0 ||"
            + " (self.training.globalBatchSequences * self.parallelism.chunkParallel /"
            + " (self.parallelism.workers * self.parallelism.ranksPerPod)) %"
            + " self.training.microBatchSequences == 0",
    fieldPath = ".training.microBatchSequences",
    message =
        "microBatchSequences must divide a rank's share of the global batch (globalBatchSequences"
            + " / data-parallel ranks)")
@ValidationRule(
    value = "!self.training.carryState || self.data.order == 'consecutive'",
    fieldPath = ".training.carryState",
    message =
        "carryState needs data.order consecutive: in any other order a sequence does not go on"
            + " where another ended")
@ValidationRule(
    value =
        "self.training.precision != 'bf16' || (self.worker.device == 'cpu' && self.worker.gemm !="
            + " 'openblas')",
    fieldPath = ".training.precision",
    message = "bf16 needs worker.device cpu and worker.gemm vector or onednn")
@ValidationRule(
    value = "self.model == oldSelf.model",
    fieldPath = ".model",
    message = "model is immutable: delete the job or create another")
@ValidationRule(
    value = "self.data == oldSelf.data",
    fieldPath = ".data",
    message = "data is immutable: delete the job or create another")
@ValidationRule(
    value = "self.training == oldSelf.training",
    fieldPath = ".training",
    message = "training is immutable: delete the job or create another")
@ValidationRule(
    value =
        "self.parallelism.chunkParallel == oldSelf.parallelism.chunkParallel &&"
            + " self.parallelism.ranksPerPod == oldSelf.parallelism.ranksPerPod &&"
            + " self.parallelism.chunkExchange == oldSelf.parallelism.chunkExchange",
    fieldPath = ".parallelism",
    message =
        "of parallelism only workers may change, the rest is immutable: delete the job or create"
            + " another")
@ValidationRule(
    value = "!self.training.carryState || self.parallelism.workers == oldSelf.parallelism.workers",
    fieldPath = ".parallelism.workers",
    message =
        "parallelism.workers is immutable while training.carryState is true: each rank carries the"
            + " state of its own documents")
@ValidationRule(
    value = "self.checkpoint == oldSelf.checkpoint",
    fieldPath = ".checkpoint",
    message = "checkpoint is immutable: delete the job or create another")
@ValidationRule(
    value =
        "has(self.managedBy) == has(oldSelf.managedBy) && (!has(self.managedBy) ||"
            + " self.managedBy == oldSelf.managedBy)",
    fieldPath = ".managedBy",
    message = "managedBy is immutable: delete the job or create another")
@ValidationRule(
    value = "self.worker.device == oldSelf.worker.device",
    fieldPath = ".worker.device",
    message = "worker.device is immutable: delete the job or create another")
@ValidationRule(
    value =
        "has(self.worker.threads) == has(oldSelf.worker.threads) &&"
            + " (!has(self.worker.threads) || self.worker.threads == oldSelf.worker.threads)",
    fieldPath = ".worker.threads",
    message = "worker.threads is immutable: delete the job or create another")
@ValidationRule(
    value = "self.worker.gemm == oldSelf.worker.gemm",
    fieldPath = ".worker.gemm",
    message = "worker.gemm is immutable: delete the job or create another")
@ValidationRule(
    value =
        "oldSelf.suspend || (has(self.worker.image) == has(oldSelf.worker.image) &&"
            + " (!has(self.worker.image) || self.worker.image == oldSelf.worker.image))",
    fieldPath = ".worker.image",
    message = "worker.image may only change while the job is suspended: set suspend to true first")
@ValidationRule(
    value =
        "oldSelf.suspend || (has(self.worker.imagePullPolicy) =="
            + " has(oldSelf.worker.imagePullPolicy) && (!has(self.worker.imagePullPolicy) || self.worker.imagePullPolicy == oldSelf.worker.imagePullPolicy))",
    fieldPath = ".worker.imagePullPolicy",
    message =
        "worker.imagePullPolicy may only change while the job is suspended: set suspend to true first")
@ValidationRule(
    value =
        "oldSelf.suspend || (has(self.worker.resources) == has(oldSelf.worker.resources) &&"
            + " (!has(self.worker.resources) || self.worker.resources == oldSelf.worker.resources))",
    fieldPath = ".worker.resources",
    message =
        "worker.resources may only change while the job is suspended: set suspend to true first")
@ValidationRule(
    value =
        "oldSelf.suspend || (has(self.worker.template) == has(oldSelf.worker.template) &&"
            + " (!has(self.worker.template) || self.worker.template == oldSelf.worker.template))",
    fieldPath = ".worker.template",
    message =
        "worker.template may only change while the job is suspended: set suspend to true first")
@ValidationRule(
    value =
        "oldSelf.suspend || (has(self.scheduling) == has(oldSelf.scheduling) &&"
            + " (!has(self.scheduling) || self.scheduling == oldSelf.scheduling))",
    fieldPath = ".scheduling",
    message = "scheduling may only change while the job is suspended: set suspend to true first")
public record MegalodonTrainingJobSpec(
    @JsonPropertyDescription("The model to train. Immutable.") @Required ModelSpec model,
    @JsonPropertyDescription("The text to train on. Immutable.") @Required DataSpec data,
    @JsonPropertyDescription("How to train. Immutable.") @Required TrainingSpec training,
    @JsonPropertyDescription("How many ranks share the work, and how. Only workers may change.")
        @Default("{}")
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
        @Size(min = 1, max = 253)
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
