package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** What the job's time went into, summed up: nothing of it is computed again from attempts. */
@JsonInclude(Include.NON_NULL)
public record TimeStatus(
    @JsonPropertyDescription("Seconds the job was active before startTime; none while suspended.")
        @Required
        double activeSeconds,
    @JsonPropertyDescription(
            "Seconds of active time without a lasting step: starts, outages that are over, steps"
                + " that had to be made again.")
        @Required
        double lostSeconds,
    @JsonPropertyDescription("Since when no steps are made, RFC 3339; absent while they are.")
        @Nullable String outageSince) {}
