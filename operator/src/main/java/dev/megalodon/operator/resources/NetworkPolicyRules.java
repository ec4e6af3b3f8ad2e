package dev.megalodon.operator.resources;

import com.fasterxml.jackson.core.type.TypeReference;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;

/**
 * What whoever installed the operator says about the network of jobs.
 *
 * @param enabled whether jobs get a NetworkPolicy
 * @param httpFrom who may reach the workers' HTTP port beside their own job
 * @param extraEgress what workers may reach beside their own job and DNS
 */
public record NetworkPolicyRules(
    boolean enabled, List<NetworkPolicyPeer> httpFrom, List<NetworkPolicyEgressRule> extraEgress) {
  private static final TypeReference<List<NetworkPolicyPeer>> PEERS = new TypeReference<>() {};
  private static final TypeReference<List<NetworkPolicyEgressRule>> RULES =
      new TypeReference<>() {};

  /** Makes the lists unmodifiable. */
  public NetworkPolicyRules {
    httpFrom = List.copyOf(httpFrom);
    extraEgress = List.copyOf(extraEgress);
  }

  /**
   * Reads the settings.
   *
   * @param httpFrom JSON list of peers
   * @param extraEgress JSON list of egress rules
   * @throws IllegalArgumentException if one is not such a list; names the setting
   */
  public static NetworkPolicyRules parse(boolean enabled, String httpFrom, String extraEgress) {
    return new NetworkPolicyRules(
        enabled,
        list("megalodon.network-policies.http-from", httpFrom, PEERS),
        list("megalodon.network-policies.extra-egress", extraEgress, RULES));
  }

  private static <T> List<T> list(String setting, String json, TypeReference<List<T>> type) {
    try {
      return Serialization.unmarshal(json, type);
    } catch (RuntimeException unreadable) {
      throw new IllegalArgumentException(
          "%s must be a JSON list as in a NetworkPolicy, and is: %s".formatted(setting, json),
          unreadable);
    }
  }
}
