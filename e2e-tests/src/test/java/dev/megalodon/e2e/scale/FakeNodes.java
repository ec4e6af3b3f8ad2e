package dev.megalodon.e2e.scale;

import dev.megalodon.e2e.cluster.EmbeddedCluster;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Nodes whose kubelet is KWOK: pods run on them in the eyes of the cluster, and take nothing. Their
 * pods' addresses lead to a real node, where something may answer in their place.
 */
final class FakeNodes implements AutoCloseable {
  /** What a worker's pod needs in order to get onto them, and what keeps all others off. */
  static final String POD_TEMPLATE =
      "template: {spec: {nodeSelector: {type: kwok}, tolerations: [{key: kwok, operator: Exists}]}}";

  /** The real node that gets what is sent to the pods. */
  static final String ANSWERING_NODE = "node-1";

  private static final int COUNT = 8;
  private static final String ALL_PODS = "10.99.0.0/16";

  private static final Map<String, Quantity> ROOM =
      Map.of(
          "cpu", new Quantity("100k"),
          "memory", new Quantity("100Ti"),
          "pods", new Quantity("8000"));

  private final EmbeddedCluster cluster;

  private FakeNodes(EmbeddedCluster cluster) {
    this.cluster = cluster;
  }

  /** Installs KWOK and makes the nodes, with room for 8,000 pods each. */
  static FakeNodes open(EmbeddedCluster cluster) {
    cluster.addon("kwok", "up").successful();
    FakeNodes nodes = new FakeNodes(cluster);
    nodes.route("replace");
    IntStream.range(0, COUNT).mapToObj(FakeNodes::node).forEach(nodes::create);
    return nodes;
  }

  private void create(Node node) {
    cluster.client().resource(node).serverSideApply();
  }

  private static Node node(int number) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName("kwok-" + number)
        .addToAnnotations("kwok.x-k8s.io/node", "fake")
        .addToLabels("type", "kwok")
        .endMetadata()
        .withNewSpec()
        .withPodCIDR("10.99.%d.0/19".formatted(32 * number))
        .addNewTaint()
        .withKey("kwok")
        .withValue("fake")
        .withEffect("NoSchedule")
        .endTaint()
        .endSpec()
        .withNewStatus()
        .withAllocatable(ROOM)
        .withCapacity(ROOM)
        .endStatus()
        .build();
  }

  /** Every real node sends what is for a fake pod to one of them, which takes it for its own. */
  private void route(String verb) {
    String answering = address(ANSWERING_NODE);
    for (String node : List.of("node-1", "node-2", "node-3")) {
      String[] way =
          node.equals(ANSWERING_NODE)
              ? new String[] {"ip", "route", verb, "local", ALL_PODS, "dev", "lo"}
              : new String[] {"ip", "route", verb, ALL_PODS, "via", answering};
      cluster.onNode(node, way).successful();
    }
  }

  private String address(String node) {
    return cluster.client().nodes().withName(node).get().getStatus().getAddresses().stream()
        .filter(address -> address.getType().equals("InternalIP"))
        .findFirst()
        .orElseThrow()
        .getAddress();
  }

  @Override
  public void close() {
    cluster.kubectl("delete", "node", "--selector=type=kwok", "--wait=false").successful();
    route("delete");
    cluster.addon("kwok", "down").successful();
  }
}
