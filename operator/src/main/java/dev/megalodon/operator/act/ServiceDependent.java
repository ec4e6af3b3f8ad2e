package dev.megalodon.operator.act;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.naming.Labels;
import dev.megalodon.operator.resources.JobResources;
import io.fabric8.kubernetes.api.model.Service;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependent;

/** Keeps the job's headless Service. */
@KubernetesDependent(informer = @Informer(labelSelector = Labels.SELECTOR))
public class ServiceDependent
    extends CRUDKubernetesDependentResource<Service, MegalodonTrainingJob> {

  @Override
  protected Service desired(MegalodonTrainingJob job, Context<MegalodonTrainingJob> context) {
    return JobResources.service(job);
  }
}
