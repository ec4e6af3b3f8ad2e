package dev.megalodon.operator.naming;

import java.util.LinkedHashMap;
import java.util.Map;

/** Labels and fixed names of everything the operator makes. */
public final class Labels {
  /** Label: name of the job. */
  public static final String JOB = "training.megalodon.dev/job";

  /** Label: rank of a worker pod. */
  public static final String RANK = "training.megalodon.dev/rank";

  /** Label: incarnation of a worker pod. */
  public static final String INCARNATION = "training.megalodon.dev/incarnation";

  /** Label: who manages an object; the informers select by it. */
  public static final String MANAGED_BY = "app.kubernetes.io/managed-by";

  /** Value of {@link #MANAGED_BY}. */
  public static final String OPERATOR = "megalodon-operator";

  /** Selects every object of this operator. */
  public static final String SELECTOR = MANAGED_BY + "=" + OPERATOR;

  /** Name of the container that trains. */
  public static final String WORKER_CONTAINER = "worker";

  private Labels() {}

  /** What the pods of a job have in common. */
  public static Map<String, String> selector(JobId job) {
    return Map.of(MANAGED_BY, OPERATOR, JOB, job.name());
  }

  /** Labels of every object that belongs to a job. */
  public static Map<String, String> of(JobId job, String component) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("app.kubernetes.io/name", "megalodon");
    labels.put("app.kubernetes.io/instance", job.name());
    labels.put("app.kubernetes.io/component", component);
    labels.put(MANAGED_BY, OPERATOR);
    labels.put(JOB, job.name());
    return labels;
  }

  /** Labels of one worker pod. */
  public static Map<String, String> ofWorker(JobId job, int rank, long incarnation) {
    Map<String, String> labels = of(job, WORKER_CONTAINER);
    labels.put(RANK, Integer.toString(rank));
    labels.put(INCARNATION, Long.toString(incarnation));
    return labels;
  }
}
