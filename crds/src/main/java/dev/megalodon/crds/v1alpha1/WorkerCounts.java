package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;

/** Worker pods, counted. */
public record WorkerCounts(
    @JsonPropertyDescription("Pods that should run now; added ones count once they take part.")
        @Required
        @StatusReplicas
        int desired,
    @JsonPropertyDescription("Pods that are ready.") @Required int ready) {}
