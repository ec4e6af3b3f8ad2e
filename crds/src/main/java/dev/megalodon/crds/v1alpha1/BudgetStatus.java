package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/** What is used up of failurePolicy.maxRestarts. */
public record BudgetStatus(
    @JsonPropertyDescription("Charged restarts since a checkpoint was gained.") @Required int used,
    @JsonPropertyDescription(
            "Step that was reached at the last of them; a checkpoint beyond it is a gain.")
        @Required
        long sinceStep) {}
