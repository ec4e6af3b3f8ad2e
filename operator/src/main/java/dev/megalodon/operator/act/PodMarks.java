package dev.megalodon.operator.act;

import dev.megalodon.operator.naming.KueueNames;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;

/** What the operator writes into pods that exist, for others to read. */
final class PodMarks {
  private static final String NOT_RETRIABLE =
      "{\"metadata\":{\"annotations\":{\"%s\":\"false\"}}}".formatted(KueueNames.RETRIABLE);

  private final KubernetesClient client;

  PodMarks(KubernetesClient client) {
    this.client = client;
  }

  /** Others (Kueue, a person with kubectl) then see a dead pod, not one that is still ending. */
  void declareDead(String namespace, String name, String reason, String why) {
    unlessGone(
        () ->
            pod(namespace, name)
                .editStatus(
                    pod ->
                        pod.edit()
                            .editOrNewStatus()
                            .withPhase("Failed")
                            .withReason(reason)
                            .withMessage(why)
                            .endStatus()
                            .build()));
  }

  /**
   * Kueue then ends the pod's group once none of its pods runs; returns the pod as it is now. The
   * status subresource takes annotations too, and the operator has no right to change the rest.
   */
  Pod endGroup(Pod pod) {
    return pod(pod.getMetadata().getNamespace(), pod.getMetadata().getName())
        .subresource("status")
        .patch(PatchContext.of(PatchType.JSON_MERGE), NOT_RETRIABLE);
  }

  PodResource pod(String namespace, String name) {
    return client.pods().inNamespace(namespace).withName(name);
  }

  /** Writes to a pod; one that is gone is as good. */
  static void unlessGone(Runnable write) {
    try {
      write.run();
    } catch (KubernetesClientException failure) {
      if (failure.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw failure;
      }
    }
  }
}
