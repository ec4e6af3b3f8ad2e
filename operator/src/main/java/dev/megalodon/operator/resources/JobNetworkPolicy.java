package dev.megalodon.operator.resources;

import dev.megalodon.crds.contract.WorkerPorts;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.naming.Labels;
import dev.megalodon.operator.naming.Names;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Shuts a job's workers off from all but each other. Volumes need no rule: nodes mount them, not
 * pods. Nor do probes: they come from the node.
 */
public final class JobNetworkPolicy {
  private static final int DNS_PORT = 53;

  private JobNetworkPolicy() {}

  /** The policy of a job's workers. */
  public static NetworkPolicy of(MegalodonTrainingJob job, NetworkPolicyRules rules) {
    JobId id = JobId.of(job);
    Map<String, String> workers = Labels.selector(id);
    return new NetworkPolicyBuilder()
        .withMetadata(JobResources.metadata(job, Names.networkPolicy(id)))
        .withNewSpec()
        .withNewPodSelector()
        .withMatchLabels(workers)
        .endPodSelector()
        .withPolicyTypes("Ingress", "Egress")
        .withIngress(ingress(workers, rules))
        .withEgress(egress(workers, rules))
        .endSpec()
        .build();
  }

  private static List<NetworkPolicyIngressRule> ingress(
      Map<String, String> workers, NetworkPolicyRules rules) {
    List<NetworkPolicyIngressRule> ingress = new ArrayList<>();
    ingress.add(new NetworkPolicyIngressRuleBuilder().withFrom(pods(workers)).build());
    // A rule without peers would admit everybody.
    if (!rules.httpFrom().isEmpty()) {
      ingress.add(
          new NetworkPolicyIngressRuleBuilder()
              .withFrom(rules.httpFrom())
              .withPorts(port("TCP", WorkerPorts.HTTP))
              .build());
    }
    return ingress;
  }

  /** DNS servers are not pods everywhere, so they are known by their port alone. */
  private static List<NetworkPolicyEgressRule> egress(
      Map<String, String> workers, NetworkPolicyRules rules) {
    List<NetworkPolicyEgressRule> egress = new ArrayList<>();
    egress.add(new NetworkPolicyEgressRuleBuilder().withTo(pods(workers)).build());
    egress.add(
        new NetworkPolicyEgressRuleBuilder()
            .withPorts(port("UDP", DNS_PORT), port("TCP", DNS_PORT))
            .build());
    egress.addAll(rules.extraEgress());
    return egress;
  }

  private static NetworkPolicyPeer pods(Map<String, String> labels) {
    return new NetworkPolicyPeerBuilder()
        .withNewPodSelector()
        .withMatchLabels(labels)
        .endPodSelector()
        .build();
  }

  private static NetworkPolicyPort port(String protocol, int port) {
    return new NetworkPolicyPortBuilder().withProtocol(protocol).withNewPort(port).build();
  }
}
