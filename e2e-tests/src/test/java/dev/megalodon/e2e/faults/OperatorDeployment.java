package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.EmbeddedCluster;

/** The operator's Deployment, as a person handles it. */
final class OperatorDeployment {
  private static final String NAMESPACE = "--namespace=" + EmbeddedCluster.OPERATOR_NAMESPACE;
  private static final String BOUND = "--timeout=2m";

  private OperatorDeployment() {}

  /** Waits until as many pods as wanted are up. */
  static void awaitReady(EmbeddedCluster cluster) {
    cluster
        .kubectl(NAMESPACE, "rollout", "status", "deployment/megalodon-operator", BOUND)
        .successful();
  }

  /** Takes the operator away. */
  static void stop(EmbeddedCluster cluster) {
    scale(cluster, 0);
    cluster
        .kubectl(
            NAMESPACE,
            "wait",
            "--for=delete",
            "pod",
            "--selector=app.kubernetes.io/name=megalodon-operator",
            BOUND)
        .successful();
  }

  /** Brings it back. */
  static void start(EmbeddedCluster cluster) {
    scale(cluster, 1);
    awaitReady(cluster);
  }

  /** {@code helm upgrade} with a value that makes another pod of it. */
  static void upgrade(EmbeddedCluster cluster) {
    cluster
        .helm(
            "upgrade",
            "megalodon",
            cluster.chart().toString(),
            NAMESPACE,
            "--reuse-values",
            "--set-string",
            "podAnnotations.upgrade=" + System.nanoTime(),
            "--wait",
            BOUND)
        .successful();
  }

  private static void scale(EmbeddedCluster cluster, int replicas) {
    cluster
        .kubectl(NAMESPACE, "scale", "deployment/megalodon-operator", "--replicas=" + replicas)
        .successful();
  }
}
