package dev.megalodon.operator.plan;

/** One write that removes something from the cluster. */
public sealed interface Action {

  /** Deletes a pod with its own grace period, so that a worker can save and leave. */
  record DeletePod(String pod, String why) implements Action {}

  /** Declares a pod dead whose node does not answer, then removes it without waiting. */
  record RemoveLostPod(String pod, String why) implements Action {}

  /** Ends a worker at once that does not answer its peers, and declares its pod dead. */
  record RemoveStalledPod(String pod, String why) implements Action {}

  /** Tells Kueue that a pod's group ends with the last of its pods: none will be replaced. */
  record EndGroup(String pod, String why) implements Action {}

  /** Declares a deleted pod dead that was never placed, so that Kueue lets it go. */
  record WithdrawPod(String pod, String why) implements Action {}

  /** Deletes the job and, through the garbage collector, all it owns. */
  record DeleteJob(String why) implements Action {}
}
