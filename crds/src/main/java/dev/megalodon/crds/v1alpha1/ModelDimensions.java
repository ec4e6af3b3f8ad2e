package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;

/** Every dimension of a Megalodon model (arXiv 2404.08801, section 3). */
@ValidationRule(
    value = "self.zDim % self.heads == 0",
    fieldPath = ".heads",
    message = "heads must divide zDim")
@ValidationRule(
    value = "self.valueDim % self.heads == 0",
    fieldPath = ".heads",
    message = "heads must divide valueDim")
@ValidationRule(
    value = "self.zDim % self.heads != 0 || (self.zDim / self.heads) % 2 == 0",
    fieldPath = ".zDim",
    message = "zDim / heads must be even: rotary positions turn pairs of features")
@ValidationRule(
    value = "self.modelDim % self.normGroups == 0",
    fieldPath = ".normGroups",
    message = "normGroups must divide modelDim")
public record ModelDimensions(
    @JsonPropertyDescription("Number of blocks.") @Required @Min(1) @Max(1024) int layers,
    @JsonPropertyDescription("Width of the residual stream, in features.")
        @Required
        @Min(1)
        @Max(65_536)
        int modelDim,
    @JsonPropertyDescription("Width of the shared query/key representation, all heads together.")
        @Required
        @Min(2)
        @Max(65_536)
        int zDim,
    @JsonPropertyDescription("Width of the values and of the gate, all heads together.")
        @Required
        @Min(1)
        @Max(262_144)
        int valueDim,
    @JsonPropertyDescription("Attention heads; divides zDim and valueDim.")
        @Required
        @Min(1)
        @Max(1024)
        int heads,
    @JsonPropertyDescription("Hidden width of the feed-forward network.")
        @Required
        @Min(1)
        @Max(262_144)
        int ffnHiddenDim,
    @JsonPropertyDescription("Complex states per feature of the exponential moving average (CEMA).")
        @Default("16")
        @Min(1)
        @Max(256)
        int cemaDim,
    @JsonPropertyDescription("Attention chunk, in tokens.") @Default("2048") @Min(1) @Max(1_048_576)
        int chunkSize,
    @JsonPropertyDescription("Groups of features of timestep norm; divides modelDim.")
        @Required
        @Min(1)
        @Max(65_536)
        int normGroups,
    @JsonPropertyDescription("Added to variances in every normalisation.")
        @Default("0.00001")
        @Min(value = 0, inclusive = false)
        @Max(1)
        double normEpsilon,
    @JsonPropertyDescription("Number of token ids, 0 to vocabSize - 1; at least 256 for bytes.")
        @Default("256")
        @Min(256)
        @Max(1_000_000)
        int vocabSize,
    @JsonPropertyDescription("Base of the rotary position angles.")
        @Default("10000")
        @Min(1)
        @Max(1e12)
        double ropeBase,
    @JsonPropertyDescription("Feed-forward network with a SwiGLU gate instead of plain SiLU.")
        @Default("false")
        boolean swiglu,
    @JsonPropertyDescription("Learned per-feature scale of the feed-forward output.")
        @Default("false")
        boolean rescaleFfn,
    @JsonPropertyDescription("Multiply embeddings by the square root of modelDim.")
        @Default("false")
        boolean scaleEmbedding,
    @JsonPropertyDescription("Use the embedding as the output projection too.") @Default("false")
        boolean shareEmbedding) {}
