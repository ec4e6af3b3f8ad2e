package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** A committed checkpoint. */
@JsonInclude(Include.NON_NULL)
public record CheckpointStatus(
    @JsonPropertyDescription("Step after which it was taken.") long step,
    @JsonPropertyDescription("Its folder, relative to the checkpoint volume's root.")
        @Nullable String uri,
    @JsonPropertyDescription("SHA-256 of its manifest, sha256:….") @Nullable String digest,
    @JsonPropertyDescription("When it was committed, RFC 3339.") @Nullable String time) {}
