package dev.megalodon.crds.contract;

/** Where things are in a worker container. */
public final class WorkerPaths {
  /** The job's {@code spec} as JSON, with every default filled in (from a ConfigMap). */
  public static final String JOB_SPEC = "/etc/megalodon/job/spec.json";

  /** The job's secret, the key of the join's HMAC: raw bytes (from a Secret). */
  public static final String JOB_SECRET = "/etc/megalodon/secret/key";

  /** Where {@code spec.checkpoint.volume} is mounted. */
  public static final String CHECKPOINTS = "/var/lib/megalodon/checkpoints";

  /** Where the n-th of {@code spec.data.volumes} is mounted: this, a slash, the volume's name. */
  public static final String DATA = "/var/lib/megalodon/data";

  /**
   * Where the worker writes why it ends, or, with exit code 0, its last {@link Progress} as JSON:
   * nobody may have asked since. Kubernetes puts it into the container's status.
   */
  public static final String TERMINATION_MESSAGE = "/dev/termination-log";

  private WorkerPaths() {}
}
