package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/** A rank that all others wait for in every step. */
public record StragglerStatus(
    @JsonPropertyDescription("The rank.") @Required int rank,
    @JsonPropertyDescription("How many times as long it computes as the median of the others.")
        @Required
        double ratio,
    @JsonPropertyDescription("Seconds of a step in which it computes.") @Required
        double computeSeconds) {}
