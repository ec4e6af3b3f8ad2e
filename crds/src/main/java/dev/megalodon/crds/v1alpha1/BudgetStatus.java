package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** What is used up of failurePolicy.maxRestarts. */
@JsonInclude(Include.NON_NULL)
public record BudgetStatus(
    @JsonPropertyDescription("Charged restarts since a checkpoint was gained.") @Required int used,
    @JsonPropertyDescription(
            "Step that was reached at the last of them; a checkpoint beyond it is a gain.")
        @Required
        long sinceStep,
    @JsonPropertyDescription(
            "While training has not gone on after a charged failure: incarnations up to this one"
                + " are part of it, if they fail too.")
        @Nullable Long paidIncarnation) {}
