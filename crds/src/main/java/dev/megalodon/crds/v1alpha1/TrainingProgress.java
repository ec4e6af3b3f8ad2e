package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** How far the training is. */
@JsonInclude(Include.NON_NULL)
public record TrainingProgress(
    @JsonPropertyDescription("Steps finished.") long step,
    @JsonPropertyDescription("Steps of the whole run.") long totalSteps,
    @JsonPropertyDescription("Both, as people write it: 120/300.") String stepOfTotal,
    @JsonPropertyDescription("Share of the steps that is done, 0 to 100.") int percent,
    @JsonPropertyDescription("Tokens trained on, over all ranks.") long tokens,
    @JsonPropertyDescription("Training loss of the newest step, nats per token.")
        @Nullable Double loss,
    @JsonPropertyDescription("Newest loss on held-out text, nats per token.")
        @Nullable Double heldOutLoss,
    @JsonPropertyDescription("Loss on held-out text before the first step, nats per token.")
        @Nullable Double initialHeldOutLoss,
    @JsonPropertyDescription("Tokens per second, over all ranks.") @Nullable Double tokensPerSecond,
    @JsonPropertyDescription("Time left at this speed, such as 1h4m or 2m30s.")
        @Nullable String eta) {}
