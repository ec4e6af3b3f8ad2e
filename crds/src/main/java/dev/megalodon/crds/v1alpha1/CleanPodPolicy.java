package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which worker pods go when a job finishes. */
public enum CleanPodPolicy {
  /** Pods stay; those still running are left to end by themselves. */
  @JsonProperty("None")
  NONE,
  /** Running and pending pods are deleted, finished ones stay for their logs. */
  @JsonProperty("Running")
  RUNNING,
  /** All pods are deleted. */
  @JsonProperty("All")
  ALL
}
