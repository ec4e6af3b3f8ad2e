package dev.megalodon.operator.naming;

/**
 * What pods say to Kueue, and Kueue to pods, in labels, annotations and finalizers (v0.19, plain
 * pod groups).
 */
public final class KueueNames {
  /** Label: LocalQueue that a pod waits in. */
  public static final String QUEUE = "kueue.x-k8s.io/queue-name";

  /** Label: group of pods that are admitted together; also the name of its Workload. */
  public static final String GROUP = "kueue.x-k8s.io/pod-group-name";

  /** Annotation: how many pods a group has; never changes. */
  public static final String GROUP_SIZE = "kueue.x-k8s.io/pod-group-total-count";

  /**
   * Annotation: with {@code "false"} on one of its pods, a group is over once none of them runs.
   */
  public static final String RETRIABLE = "kueue.x-k8s.io/retriable-in-group";

  /** Finalizer: keeps a dead pod until it is replaced or its group is over. */
  public static final String FINALIZER = "kueue.x-k8s.io/managed";

  /** Scheduling gate: taken away at admission. */
  public static final String GATE = "kueue.x-k8s.io/admission";

  /** Pod condition: why Kueue ends a pod. */
  public static final String TERMINATION_TARGET = "TerminationTarget";

  private static final int UID_DIGITS = 8;

  private KueueNames() {}

  /**
   * Name of a pod group, a DNS label of at most 63 characters. A group that ended cannot be joined
   * again, so each is named by the job's UID and by the incarnation of one of its pods.
   */
  public static String group(JobId job, long incarnation) {
    String uid = job.uid().substring(0, Math.min(UID_DIGITS, job.uid().length()));
    return job.name() + "-" + uid + "-" + incarnation;
  }
}
