package dev.megalodon.operator.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * All settings of the operator; {@code megalodon.worker.image} is {@code MEGALODON_WORKER_IMAGE}.
 */
@ConfigMapping(prefix = "megalodon")
public interface OperatorConfig {

  /** Worker pods of jobs that do not say otherwise. */
  Worker worker();

  /** How workers are asked for their progress. */
  Progress progress();

  /** How long things may take before they count as lost. */
  Patience patience();

  /** The page that shows jobs. */
  Dashboard dashboard();

  /** Who may talk to workers, where the cluster's network enforces policies. */
  NetworkPolicies networkPolicies();

  /** Superseded failed pods of a running job that are kept for their logs, over all its ranks. */
  @WithDefault("10")
  int keptFailedPods();

  /** Namespace of the leader's lease; absent: the one the operator runs in. */
  Optional<String> leaseNamespace();

  /** Worker pods of jobs that do not say otherwise. */
  interface Worker {
    /** Image of jobs without {@code spec.worker.image}. */
    @WithDefault("megalodon-worker:dev")
    String image();

    /**
     * Pull policy of jobs without {@code spec.worker.imagePullPolicy}; absent: Kubernetes' rule.
     */
    Optional<String> imagePullPolicy();

    /** Names of secrets in the job's namespace that the image is pulled with. */
    Optional<List<String>> imagePullSecrets();

    /** Size of {@code /dev/shm}, where Aeron keeps its buffers; counts as the pod's memory. */
    @WithDefault("512Mi")
    String sharedMemory();

    /** User and group that workers run as; never 0. */
    @WithDefault("10001")
    long userId();

    /** How workers write their logs. */
    @WithDefault("text")
    LogFormat logFormat();

    /** How workers write their logs. */
    enum LogFormat {
      /** For people. */
      TEXT,
      /** For programs: one JSON object a line. */
      JSON
    }
  }

  /** How workers are asked for their progress. */
  interface Progress {
    /** How a worker is reached. */
    @WithDefault("direct")
    Mode mode();

    /**
     * Time between two questions to a job, and between two status writes that only show progress.
     */
    @WithDefault("5s")
    Duration interval();

    /**
     * Status writes that only show progress, over all jobs in a second: the more jobs train, the
     * longer the interval between those of each.
     */
    @WithDefault("20")
    double writesPerSecond();

    /** Longest wait for one answer. */
    @WithDefault("1s")
    Duration timeout();

    /** Questions under way at once, over all jobs. */
    @WithDefault("16")
    int concurrency();

    /** How a worker is reached. */
    enum Mode {
      /** At its pod's address: the operator runs in the cluster. */
      DIRECT,
      /** Through the API server's pod proxy: the operator runs outside. */
      PROXY,
      /** Not at all. */
      OFF
    }
  }

  /** The page that shows jobs. */
  interface Dashboard {
    /** Whether it is served, to whoever reaches the operator's loopback ({@code port-forward}). */
    @WithDefault("true")
    boolean enabled();
  }

  /** How long things may take before they count as lost. */
  interface Patience {
    /**
     * A pod whose node does not answer, and whose worker is not heard of, is replaced after this.
     */
    @WithDefault("20s")
    Duration nodeLost();

    /**
     * A pod whose node does not answer is replaced after this long though its worker is heard of.
     */
    @WithDefault("60s")
    Duration nodeAway();

    /** A worker whose peers miss it for this long is replaced. */
    @WithDefault("10s")
    Duration stalled();

    /** A new worker that has not joined its peers this long after its start is replaced. */
    @WithDefault("10m")
    Duration join();

    /** A pod that is still there this long after its grace period is removed by force. */
    @WithDefault("30s")
    Duration stuckTerminating();

    /** After rank 0 is done, the others may take this long to end by themselves. */
    @WithDefault("10s")
    Duration completion();

    /** A worker that was ready for this long has its back-off reset. */
    @WithDefault("60s")
    Duration healthy();

    /** A pod that the API server refused is asked for again after this long. */
    @WithDefault("10s")
    Duration refused();
  }

  /** Who may talk to workers, where the cluster's network enforces policies. */
  interface NetworkPolicies {
    /**
     * Whether every job gets a NetworkPolicy: its workers talk to each other and to DNS, and nobody
     * else to them. Needs the right to {@code networkpolicies}.
     */
    @WithDefault("false")
    boolean enabled();

    /**
     * Who may reach the workers' HTTP port beside the job's own pods: a JSON list of {@code
     * NetworkPolicyPeer}. The operator itself is to be among them.
     */
    Optional<String> httpFrom();

    /** What workers may reach besides: a JSON list of {@code NetworkPolicyEgressRule}. */
    Optional<String> extraEgress();
  }
}
