package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** How the model is trained. */
@JsonInclude(Include.NON_NULL)
@ValidationRule(
    value = "self.schedule.warmupSteps < self.steps",
    fieldPath = ".schedule.warmupSteps",
    message = "warmupSteps must be less than spec.training.steps")
public record TrainingSpec(
    @JsonPropertyDescription("Optimizer steps of the whole run.")
        @Required
        @Min(1)
        @Max(1_000_000_000)
        long steps,
    @JsonPropertyDescription(
            "Sequences of one step, over all ranks; a multiple of the data-parallel ranks (workers"
                + " x ranksPerPod / chunkParallel).")
        @Required
        @Min(1)
        @Max(1_048_576)
        int globalBatchSequences,
    @JsonPropertyDescription(
            "Sequences that one rank works on at once; divides its share of the global batch."
                + " Smaller needs less memory. Absent: the whole share at once.")
        @Min(1)
        @Max(1_048_576)
        @Nullable Integer microBatchSequences,
    @JsonPropertyDescription("AdamW with clipping.") @Default("{}") Optimizer optimizer,
    @JsonPropertyDescription("The learning rate over the steps.") @Default("{}") Schedule schedule,
    @JsonPropertyDescription(
            "Precision on device cpu: fp32, or bf16 (parameters and the factors of matrix products"
                + " in bf16; sums, gradients, activations and the optimizer's master parameters in"
                + " fp32). Device reference computes in fp64.")
        @Default("fp32")
        Precision precision,
    @JsonPropertyDescription(
            "Start of every random number; the same seed on as many ranks gives the same bits.")
        @Default("1")
        @Min(0)
        @Max(9_007_199_254_740_991d)
        long seed,
    @JsonPropertyDescription(
            "Loss on held-out text: before the first step, at intervals, and after the last.")
        @Default("{}")
        Evaluation evaluation,
    @JsonPropertyDescription(
            "What is computed again in the backward pass instead of being kept: none (fastest), or"
                + " layer (each block's inside; about a third more arithmetic, far less memory; the"
                + " same bits).")
        @Default("none")
        Recompute recompute,
    @JsonPropertyDescription(
            "True: a sequence begins with the state in which the one before it in its lane ended, so"
                + " the model reads on in documents longer than a sequence (truncated back-propagation);"
                + " needs data.order consecutive. False: every sequence begins afresh.")
        @Default("false")
        boolean carryState) {

  /** What is computed again instead of kept. */
  public enum Recompute {
    /** Everything is kept. */
    @JsonProperty("none")
    NONE,
    /** Only what goes into each block is kept. */
    @JsonProperty("layer")
    LAYER
  }

  /** Type of numbers. */
  public enum Precision {
    /** 32-bit floating point. */
    @JsonProperty("fp32")
    FP32,
    /** Parameters and factors in the upper half of fp32, everything else in fp32. */
    @JsonProperty("bf16")
    BF16
  }

  /** AdamW (arXiv 1711.05101) behind a clip of the global gradient norm. */
  public record Optimizer(
      @JsonPropertyDescription("Peak learning rate.")
          @Default("0.001")
          @Min(value = 0, inclusive = false)
          @Max(100)
          double learningRate,
      @JsonPropertyDescription("Decay of the first moment, per step.")
          @Default("0.9")
          @Min(0)
          @Max(value = 1, inclusive = false)
          double beta1,
      @JsonPropertyDescription("Decay of the second moment, per step.")
          @Default("0.98")
          @Min(0)
          @Max(value = 1, inclusive = false)
          double beta2,
      @JsonPropertyDescription("Added to the root of the second moment.")
          @Default("0.00000001")
          @Min(value = 0, inclusive = false)
          @Max(1)
          double epsilon,
      @JsonPropertyDescription("Decoupled weight decay, times the learning rate.")
          @Default("0.1")
          @Min(0)
          @Max(100)
          double weightDecay,
      @JsonPropertyDescription("Largest global gradient norm; 0 turns clipping off.")
          @Default("1.0")
          @Min(0)
          @Max(1e9)
          double clipNorm) {}

  /** The learning rate as a function of the step. */
  public record Schedule(
      @JsonPropertyDescription("Shape after the warm-up: linear or cosine decay, or constant.")
          @Default("cosine")
          Kind kind,
      @JsonPropertyDescription("Steps over which the rate rises linearly to its peak.")
          @Default("0")
          @Min(0)
          @Max(1_000_000_000)
          long warmupSteps,
      @JsonPropertyDescription("Rate at the start of the warm-up, as a share of the peak.")
          @Default("0.0001")
          @Min(0)
          @Max(1)
          double initialRatio,
      @JsonPropertyDescription("Rate at the last step of a decay, as a share of the peak.")
          @Default("0.01")
          @Min(0)
          @Max(1)
          double finalRatio) {

    /** Shape after the warm-up. */
    public enum Kind {
      /** Straight line down. */
      @JsonProperty("linear")
      LINEAR,
      /** Half a cosine down. */
      @JsonProperty("cosine")
      COSINE,
      /** Stays at the peak. */
      @JsonProperty("constant")
      CONSTANT
    }
  }

  /** When and on how much held-out text the loss is measured. */
  public record Evaluation(
      @JsonPropertyDescription("Steps between evaluations.")
          @Default("100")
          @Min(1)
          @Max(1_000_000_000)
          long everySteps,
      @JsonPropertyDescription("Held-out sequences of one evaluation, at most.")
          @Default("16")
          @Min(1)
          @Max(1_048_576)
          int sequences) {}
}
