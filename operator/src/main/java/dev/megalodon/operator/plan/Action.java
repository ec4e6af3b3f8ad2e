package dev.megalodon.operator.plan;

/** One write to the cluster beside the job's status. */
public sealed interface Action {

  /**
   * Creates the pod of one incarnation. Its number is in the status by now; a pod of that name is
   * never created twice.
   */
  record CreatePod(int rank, long incarnation) implements Action {}

  /** Deletes a pod with its own grace period, so that a worker can save and leave. */
  record DeletePod(String pod, String why) implements Action {}

  /** Declares a pod dead whose node does not answer, then removes it without waiting. */
  record RemoveLostPod(String pod, String why) implements Action {}

  /** Deletes the job and, through the garbage collector, all it owns. */
  record DeleteJob(String why) implements Action {}
}
