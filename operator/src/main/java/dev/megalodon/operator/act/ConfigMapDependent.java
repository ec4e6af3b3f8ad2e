package dev.megalodon.operator.act;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.naming.Labels;
import dev.megalodon.operator.resources.JobResources;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependent;

/**
 * Keeps the ConfigMap with the spec that new pods read. Pods made from an earlier spec keep the
 * ConfigMap of that spec, which goes with the job.
 */
@KubernetesDependent(informer = @Informer(labelSelector = Labels.SELECTOR))
public class ConfigMapDependent
    extends CRUDKubernetesDependentResource<ConfigMap, MegalodonTrainingJob> {

  @Override
  protected ConfigMap desired(MegalodonTrainingJob job, Context<MegalodonTrainingJob> context) {
    return JobResources.configMap(job);
  }
}
