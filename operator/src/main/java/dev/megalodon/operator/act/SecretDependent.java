package dev.megalodon.operator.act;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.observe.WorkerPodReader;
import dev.megalodon.operator.resources.JobResources;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.dependent.DependentResource;
import io.javaoperatorsdk.operator.api.reconciler.dependent.ReconcileResult;
import java.net.HttpURLConnection;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * Makes the job's key. It is posted blindly and never read: the operator has the right to create
 * secrets and no other, and one that exists is never rewritten. A key is only made while no worker
 * lives, because living ones hold the old one.
 */
public class SecretDependent implements DependentResource<Secret, MegalodonTrainingJob> {
  private final SecureRandom random = new SecureRandom();

  @Override
  public ReconcileResult<Secret> reconcile(
      MegalodonTrainingJob job, Context<MegalodonTrainingJob> context) {
    if (hasLiveWorker(context)) {
      return ReconcileResult.noOperation(null);
    }
    byte[] key = new byte[JobResources.KEY_BYTES];
    random.nextBytes(key);
    try {
      Secret made = context.getClient().resource(JobResources.secret(job, key)).create();
      return ReconcileResult.resourceCreated(made);
    } catch (KubernetesClientException failure) {
      if (failure.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw failure;
      }
      return ReconcileResult.noOperation(null);
    }
  }

  private static boolean hasLiveWorker(Context<MegalodonTrainingJob> context) {
    return context
        .getSecondaryResourcesAsStream(Pod.class)
        .map(WorkerPodReader::read)
        .flatMap(Optional::stream)
        .anyMatch(WorkerPod::isLive);
  }

  @Override
  public Class<Secret> resourceType() {
    return Secret.class;
  }
}
