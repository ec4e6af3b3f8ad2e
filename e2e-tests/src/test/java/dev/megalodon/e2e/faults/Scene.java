package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.PodProcess;
import dev.megalodon.e2e.jobs.Workspace;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A running job and the cluster below it.
 *
 * @param cluster the cluster
 * @param workspace where the job is
 * @param job its name
 */
record Scene(EmbeddedCluster cluster, Workspace workspace, String job) {
  /** Workers of every job of the suite: one on each node, so that a majority survives. */
  static final int RANKS = 3;

  private static final String OPERATOR_LABEL = "app.kubernetes.io/name";

  /** All ranks. */
  static Set<Integer> allRanks() {
    return IntStream.range(0, RANKS).boxed().collect(Collectors.toSet());
  }

  /** The pod of a rank. */
  Pod pod(int rank) {
    return workspace.pod(job, rank);
  }

  /** The JVM of a rank. */
  PodProcess process(int rank) {
    return PodProcess.of(pod(rank));
  }

  /** The node of a rank. */
  String node(int rank) {
    return pod(rank).getSpec().getNodeName();
  }

  /** Ranks on a node. */
  Set<Integer> ranksOn(String node) {
    return allRanks().stream().filter(rank -> node(rank).equals(node)).collect(Collectors.toSet());
  }

  /**
   * A node to hurt: one that has a rank other than 0, and the operator only if all have it. What
   * happens to the operator is another fault.
   */
  String victimNode() {
    String operators = operator().getSpec().getNodeName();
    return IntStream.range(1, RANKS)
        .mapToObj(this::node)
        .min(
            Comparator.comparing((String node) -> node.equals(operators))
                .thenComparing(node -> node.equals(node(0)))
                .thenComparing(node -> node))
        .orElseThrow();
  }

  /** The newest pod of the operator. */
  Pod operator() {
    return cluster
        .client()
        .pods()
        .inNamespace(EmbeddedCluster.OPERATOR_NAMESPACE)
        .withLabel(OPERATOR_LABEL, "megalodon-operator")
        .list()
        .getItems()
        .stream()
        .max(Comparator.comparing(pod -> pod.getMetadata().getCreationTimestamp()))
        .orElseThrow(() -> new AssertionError("the operator has no pod"));
  }
}
