package dev.megalodon.operator.naming;

/** Names of the objects of a job. */
public final class Names {
  /** Lease that says which replica of the operator leads. */
  public static final String LEASE = "megalodon-operator";

  private Names() {}

  /** Pod of one incarnation; never used twice. */
  public static String pod(JobId job, int rank, long incarnation) {
    return job.name() + "-" + rank + "-" + incarnation;
  }

  /** Host name of a rank, the same for all its incarnations. */
  public static String host(JobId job, int rank) {
    return job.name() + "-" + rank;
  }

  /** Headless Service that gives host names to DNS. */
  public static String service(JobId job) {
    return job.name() + "-workers";
  }

  /** DNS name of a rank, short of the cluster's domain, which resolvers append. */
  public static String dns(JobId job, int rank) {
    return host(job, rank) + "." + service(job) + "." + job.namespace() + ".svc";
  }

  /** PodGroup by which a scheduler knows the workers as one gang. */
  public static String gang(JobId job) {
    return job.name();
  }

  /** NetworkPolicy of the job's workers. */
  public static String networkPolicy(JobId job) {
    return job.name() + "-workers";
  }

  /** Secret with the key of the job's joins. */
  public static String secret(JobId job) {
    return job.name() + "-key";
  }

  /** ConfigMap with the spec as workers read it; another content has another name. */
  public static String configMap(JobId job, String contentHash) {
    return job.name() + "-spec-" + contentHash;
  }
}
