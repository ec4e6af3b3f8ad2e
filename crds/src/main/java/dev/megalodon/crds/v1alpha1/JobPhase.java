package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a job is, in one word. */
public enum JobPhase {
  /** Seen; no worker pod exists yet. */
  @JsonProperty("Pending")
  PENDING,
  /** Worker pods exist and training has not begun. */
  @JsonProperty("Starting")
  STARTING,
  /** Steps are being made. */
  @JsonProperty("Running")
  RUNNING,
  /** A worker was lost and is being replaced. */
  @JsonProperty("Restarting")
  RESTARTING,
  /** Nothing runs because the spec says so. */
  @JsonProperty("Suspended")
  SUSPENDED,
  /** All steps are done and saved. Final. */
  @JsonProperty("Complete")
  COMPLETE,
  /** The job gave up. Final. */
  @JsonProperty("Failed")
  FAILED;

  /** Whether the job is over for good. */
  public boolean isFinal() {
    return this == COMPLETE || this == FAILED;
  }
}
