package dev.megalodon.operator.observe;

/**
 * Why a pod does not run yet, in the cluster's own words.
 *
 * @param reason one CamelCase word: Unschedulable, ImagePullBackOff, …
 * @param message the sentence that goes with it
 */
public record Blocker(String reason, String message) {
  /** Reason of a pod that its Kueue queue has yet to admit. */
  public static final String WAITING_FOR_QUEUE = "WaitingForQueue";
}
