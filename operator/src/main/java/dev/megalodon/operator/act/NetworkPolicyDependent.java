package dev.megalodon.operator.act;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.naming.Labels;
import dev.megalodon.operator.resources.JobNetworkPolicy;
import dev.megalodon.operator.resources.NetworkPolicyRules;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.dependent.DependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependent;
import io.javaoperatorsdk.operator.processing.dependent.workflow.Condition;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Puts the job's NetworkPolicy right before pods are made, if the installation has them. Otherwise
 * nothing is watched and the right to it is not needed; a policy made before goes with its job.
 */
@Singleton
@KubernetesDependent(informer = @Informer(labelSelector = Labels.SELECTOR))
public class NetworkPolicyDependent
    extends CRUDKubernetesDependentResource<NetworkPolicy, MegalodonTrainingJob> {
  private final NetworkPolicyRules rules;

  /** Keeps policies by these rules. */
  @Inject
  public NetworkPolicyDependent(NetworkPolicyRules rules) {
    this.rules = rules;
  }

  @Override
  protected NetworkPolicy desired(MegalodonTrainingJob job, Context<MegalodonTrainingJob> context) {
    return JobNetworkPolicy.of(job, rules);
  }

  /** Whether the installation has network policies. */
  public static class Enabled implements Condition<NetworkPolicy, MegalodonTrainingJob> {
    @Override
    public boolean isMet(
        DependentResource<NetworkPolicy, MegalodonTrainingJob> dependent,
        MegalodonTrainingJob job,
        Context<MegalodonTrainingJob> context) {
      return dependent instanceof NetworkPolicyDependent policies && policies.rules.enabled();
    }
  }
}
