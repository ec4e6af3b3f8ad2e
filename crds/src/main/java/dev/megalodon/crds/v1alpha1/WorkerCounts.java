package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/** Worker pods, counted. */
public record WorkerCounts(
    @JsonPropertyDescription("Pods that should run now.") @Required int desired,
    @JsonPropertyDescription("Pods that are ready.") @Required int ready) {}
