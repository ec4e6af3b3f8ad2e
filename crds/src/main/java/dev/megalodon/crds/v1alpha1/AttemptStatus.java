package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One loss of a worker and what came of it. */
@JsonInclude(Include.NON_NULL)
public record AttemptStatus(
    @JsonPropertyDescription("Rank that was lost.") @Required int rank,
    @JsonPropertyDescription("Incarnation that was lost.") @Required long incarnation,
    @JsonPropertyDescription(
            "Why, in one CamelCase word: WorkerFailed, OOMKilled, Evicted, NodeLost, Deleted, ….")
        @Required
        @Size(min = 1, max = 64)
        String cause,
    @JsonPropertyDescription("The worker's own last words, or what was observed.") @Size(max = 4096)
        @Nullable String message,
    @JsonPropertyDescription("Exit status of the worker's container, if it had one.")
        @Nullable Integer exitCode,
    @JsonPropertyDescription("Whether it counted towards failurePolicy.maxRestarts.") @Required
        boolean charged,
    @JsonPropertyDescription("When it was noticed, RFC 3339.") @Required String detected,
    @JsonPropertyDescription("When training went on, RFC 3339.") @Nullable String recovered,
    @JsonPropertyDescription("Steps that had to be made again.") @Nullable Long lostSteps) {}
