package dev.megalodon.operator.resources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.WorkerPorts;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.testing.TestJobs;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobNetworkPolicyTest {
  private static final String OPERATOR =
      """
      [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "megalodon-system"}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "megalodon-operator"}}}]
      """;

  private final MegalodonTrainingJob job = TestJobs.job();
  private final NetworkPolicy policy =
      JobNetworkPolicy.of(
          job,
          NetworkPolicyRules.parse(
              true,
              OPERATOR,
              """
              [{"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}], "ports": [{"port": 4317}]}]
              """));

  @Test
  void shouldHoldForTheJobsWorkersAlone() {
    LabelSelector selected = policy.getSpec().getPodSelector();
    assertTrue(selects(selected, labels(job)));
    MegalodonTrainingJob other = TestJobs.job();
    other.getMetadata().setName("other");
    assertFalse(selects(selected, labels(other)));
    assertEquals(job.getMetadata().getNamespace(), policy.getMetadata().getNamespace());
    assertEquals(List.of("Ingress", "Egress"), policy.getSpec().getPolicyTypes());
  }

  @Test
  void shouldGoWithTheJob() {
    assertEquals(
        job.getMetadata().getUid(), policy.getMetadata().getOwnerReferences().getFirst().getUid());
  }

  @Test
  void shouldAdmitWorkersOfTheJobOnEveryPortAndTheOperatorOnHttp() {
    List<NetworkPolicyIngressRule> ingress = policy.getSpec().getIngress();
    assertEquals(2, ingress.size());
    assertTrue(selects(ingress.get(0).getFrom().getFirst().getPodSelector(), labels(job)));
    assertTrue(ingress.get(0).getPorts().isEmpty(), "Aeron answers from ports of its own");
    assertEquals(
        Map.of("kubernetes.io/metadata.name", "megalodon-system"),
        ingress.get(1).getFrom().getFirst().getNamespaceSelector().getMatchLabels());
    assertEquals(List.of(WorkerPorts.HTTP), ports(ingress.get(1).getPorts()));
  }

  @Test
  void shouldAdmitNobodyElseWhenNobodyIsNamed() {
    NetworkPolicy closed =
        JobNetworkPolicy.of(job, new NetworkPolicyRules(true, List.of(), List.of()));
    assertEquals(1, closed.getSpec().getIngress().size());
    assertEquals(1, closed.getSpec().getIngress().getFirst().getFrom().size());
    assertEquals(2, closed.getSpec().getEgress().size());
  }

  @Test
  void shouldLetWorkersReachTheirJobDnsAndWhatWasAdded() {
    List<NetworkPolicyEgressRule> egress = policy.getSpec().getEgress();
    assertEquals(3, egress.size());
    assertTrue(selects(egress.get(0).getTo().getFirst().getPodSelector(), labels(job)));
    assertEquals(List.of(53, 53), ports(egress.get(1).getPorts()));
    assertTrue(egress.get(1).getTo().isEmpty());
    assertEquals("192.0.2.0/24", egress.get(2).getTo().getFirst().getIpBlock().getCidr());
  }

  @Test
  void shouldNameTheSettingThatCannotBeRead() {
    var failure =
        assertThrows(
            IllegalArgumentException.class, () -> NetworkPolicyRules.parse(true, "{", "[]"));
    assertTrue(String.valueOf(failure.getMessage()).contains("http-from"), failure.toString());
    failure =
        assertThrows(
            IllegalArgumentException.class, () -> NetworkPolicyRules.parse(true, "[]", "x"));
    assertTrue(String.valueOf(failure.getMessage()).contains("extra-egress"), failure.toString());
  }

  private static Map<String, String> labels(MegalodonTrainingJob job) {
    WorkerDefaults defaults =
        new WorkerDefaults("image", Optional.empty(), List.of(), "512Mi", 10_001, "text");
    return new WorkerPodFactory(defaults)
        .pod(job, 0, 1, 2, Optional.empty())
        .getMetadata()
        .getLabels();
  }

  private static boolean selects(LabelSelector selector, Map<String, String> labels) {
    return labels.entrySet().containsAll(selector.getMatchLabels().entrySet());
  }

  private static List<Integer> ports(List<NetworkPolicyPort> ports) {
    return ports.stream().map(port -> port.getPort().getIntVal()).toList();
  }
}
