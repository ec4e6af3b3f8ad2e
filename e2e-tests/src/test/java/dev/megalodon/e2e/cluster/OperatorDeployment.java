package dev.megalodon.e2e.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The operator's Deployment, as a person handles it. */
public final class OperatorDeployment {
  private static final String NAMESPACE = "--namespace=" + EmbeddedCluster.OPERATOR_NAMESPACE;
  private static final String NAME = "megalodon-operator";
  private static final String BOUND = "--timeout=2m";

  private OperatorDeployment() {}

  /** Waits until as many pods as wanted are up. */
  public static void awaitReady(EmbeddedCluster cluster) {
    cluster.kubectl(NAMESPACE, "rollout", "status", "deployment/" + NAME, BOUND).successful();
  }

  /** Takes the operator away. */
  public static void stop(EmbeddedCluster cluster) {
    request(cluster, 0);
    cluster
        .kubectl(
            NAMESPACE,
            "wait",
            "--for=delete",
            "pod",
            "--selector=app.kubernetes.io/name=" + NAME,
            BOUND)
        .successful();
  }

  /** Brings it back. */
  public static void start(EmbeddedCluster cluster) {
    scale(cluster, 1);
  }

  /** Asks for this many replicas and waits until they are up. */
  public static void scale(EmbeddedCluster cluster, int replicas) {
    request(cluster, replicas);
    awaitReady(cluster);
  }

  /** {@code helm upgrade} with a value that makes another pod of it. */
  public static void upgrade(EmbeddedCluster cluster) {
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

  /** Its pods. */
  public static List<Pod> pods(EmbeddedCluster cluster) {
    return cluster
        .client()
        .pods()
        .inNamespace(EmbeddedCluster.OPERATOR_NAMESPACE)
        .withLabel("app.kubernetes.io/name", NAME)
        .list()
        .getItems();
  }

  /** The pod that the lease names, which does all the work. */
  public static Pod leader(EmbeddedCluster cluster) {
    return Await.until(
        "a leader of the operator", Duration.ofMinutes(1), () -> findLeader(cluster));
  }

  private static Optional<Pod> findLeader(EmbeddedCluster cluster) {
    String holder =
        cluster
            .client()
            .leases()
            .inNamespace(EmbeddedCluster.OPERATOR_NAMESPACE)
            .withName(NAME)
            .get()
            .getSpec()
            .getHolderIdentity();
    return pods(cluster).stream()
        .filter(pod -> pod.getMetadata().getName().equals(holder))
        .findFirst();
  }

  private static void request(EmbeddedCluster cluster, int replicas) {
    cluster
        .kubectl(NAMESPACE, "scale", "deployment/" + NAME, "--replicas=" + replicas)
        .successful();
  }
}
