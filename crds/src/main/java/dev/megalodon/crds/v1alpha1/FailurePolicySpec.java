package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;

/** What happens when a worker fails. */
// The API server compares whole numbers with the minimum's whole part only: 1 would pass.
@ValidationRule(
    value = "self.stragglerRatio >= 1.1",
    fieldPath = ".stragglerRatio",
    message = "stragglerRatio must be at least 1.1")
public record FailurePolicySpec(
    @JsonPropertyDescription(
            "Failures of workers after which the job fails; see progressRefundsBudget. Evictions,"
                + " drains and suspensions are not counted.")
        @Default("10")
        @Min(0)
        @Max(1_000_000)
        int maxRestarts,
    @JsonPropertyDescription("Delay before a failed worker is replaced.") @Default("{}")
        Backoff backoff,
    @JsonPropertyDescription(
            "Seconds the surviving workers wait for a replacement to join before they save what"
                + " they have and leave.")
        @Default("1800")
        @Min(1)
        @Max(604_800)
        long rejoinSeconds,
    @JsonPropertyDescription(
            "Whether a checkpoint newer than the last failure gives all of maxRestarts back. A job"
                + " that gains nothing fails with reason NoProgress; false counts over its whole"
                + " life.")
        @Default("true")
        boolean progressRefundsBudget,
    @JsonPropertyDescription(
            "A rank that computes this many times as long for a step as the median of the others,"
                + " for half a minute, is named in status.stragglers.")
        @Default("2.0")
        @Min(1.1)
        @Max(100)
        double stragglerRatio) {

  /** Doubles with each failure of the same rank in a row. */
  @ValidationRule(
      value = "self.initialSeconds <= self.maxSeconds",
      fieldPath = ".initialSeconds",
      message = "initialSeconds must not be greater than maxSeconds")
  public record Backoff(
      @JsonPropertyDescription("Seconds after the first failure.")
          @Default("1")
          @Min(0)
          @Max(86_400)
          long initialSeconds,
      @JsonPropertyDescription("Seconds at most.") @Default("300") @Min(0) @Max(86_400)
          long maxSeconds) {}
}
