package dev.megalodon.crds.contract;

/** Names of the environment variables that the operator sets on every worker container. */
public final class WorkerEnvironment {
  /** Namespace of the job. */
  public static final String NAMESPACE = "MEGALODON_NAMESPACE";

  /** Name of the job. */
  public static final String JOB_NAME = "MEGALODON_JOB_NAME";

  /** UID of the job object; a re-created job of the same name has another. */
  public static final String JOB_UID = "MEGALODON_JOB_UID";

  /** This worker's rank, 0 to world size − 1. */
  public static final String RANK = "MEGALODON_RANK";

  /** Number of ranks of the job. */
  public static final String WORLD_SIZE = "MEGALODON_WORLD_SIZE";

  /**
   * Which pod of the job this is, counted from 1 over all ranks and restarts. Of two processes that
   * claim one rank, the higher incarnation is the right one.
   */
  public static final String INCARNATION = "MEGALODON_INCARNATION";

  /** DNS name (or address) of rank 0, where ranks meet. */
  public static final String RENDEZVOUS_HOST = "MEGALODON_RENDEZVOUS_HOST";

  /** Address of this pod, from the downward API; peers send to it. */
  public static final String POD_IP = "MEGALODON_POD_IP";

  /** How the worker writes its log: {@code text} (default) or {@code json}, an object a line. */
  public static final String LOG_FORMAT = "MEGALODON_LOG_FORMAT";

  private WorkerEnvironment() {}
}
