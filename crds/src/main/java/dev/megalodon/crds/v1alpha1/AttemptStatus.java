package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One loss of a worker, or one suspension, and what came of it. */
@JsonInclude(Include.NON_NULL)
public record AttemptStatus(
    @JsonPropertyDescription("Rank that was lost; 0 for a suspension, which ends all.") @Required
        int rank,
    @JsonPropertyDescription("Incarnation that was lost.") @Required long incarnation,
    @JsonPropertyDescription(
            "Why, in one CamelCase word: WorkerFailed, OOMKilled, Stalled, Evicted, Preempted,"
                + " NodeLost, Deleted, LeftOnNotice, Suspended, ….")
        @Required
        @Size(min = 1, max = 64)
        String cause,
    @JsonPropertyDescription("The worker's own last words, or what was observed.") @Size(max = 4096)
        @Nullable String message,
    @JsonPropertyDescription("Exit status of the worker's container, if it had one.")
        @Nullable Integer exitCode,
    @JsonPropertyDescription("Whether it counted towards failurePolicy.maxRestarts.") @Required
        boolean charged,
    @JsonPropertyDescription(
            "When the worker ended or fell silent, RFC 3339; absent if it was seen leaving.")
        @Nullable String ended,
    @JsonPropertyDescription("When it was noticed, RFC 3339.") @Required String detected,
    @JsonPropertyDescription("When training went on: the first step after it, RFC 3339.")
        @Nullable String recovered,
    @JsonPropertyDescription("Steps that had to be made again.") @Nullable Long lostSteps,
    @JsonPropertyDescription("What training went on from; absent if no worker said so.")
        @Nullable ResumedFrom resumedFrom,
    @JsonPropertyDescription("Seconds from ended to detected.") @Nullable Double detectSeconds,
    @JsonPropertyDescription("Seconds from ended, or else from detected, to recovered.")
        @Nullable Double recoverSeconds) {

  /** What training went on from. */
  public enum ResumedFrom {
    /** What the surviving workers had in memory. */
    @JsonProperty("Live")
    LIVE,
    /** A checkpoint. */
    @JsonProperty("Checkpoint")
    CHECKPOINT,
    /** Step 0: there was no checkpoint yet. */
    @JsonProperty("Beginning")
    BEGINNING
  }
}
