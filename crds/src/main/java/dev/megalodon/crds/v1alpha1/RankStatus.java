package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** What the operator must remember of a rank so that a restart of its own changes nothing. */
@JsonInclude(Include.NON_NULL)
public record RankStatus(
    @JsonPropertyDescription("The rank.") @Required int rank,
    @JsonPropertyDescription(
            "Newest incarnation given to it; losses of earlier ones are accounted for.")
        @Required
        long incarnation,
    @JsonPropertyDescription("Name of its pod, once it was seen.") @Nullable String pod,
    @JsonPropertyDescription("Failures in a row; the back-off doubles with each.")
        @Nullable Integer failures,
    @JsonPropertyDescription("Not to be started again before, RFC 3339.")
        @Nullable String nextStart) {}
