package dev.megalodon.e2e.chart;

import dev.megalodon.e2e.cluster.Await;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;

/**
 * What users may do, as the API server sees it.
 *
 * @param client of somebody who may ask
 */
record Access(KubernetesClient client) {
  /** The jobs, as {@link #await} names resources. */
  static final String JOBS = "training.megalodon.dev/megalodontrainingjobs";

  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /**
   * Waits until a user may or may not do something: the API server hears of new and deleted roles a
   * little after they were written.
   *
   * @param resource {@code group/resource} or {@code group/resource/subresource}
   */
  void await(boolean allowed, String user, String namespace, String verb, String resource) {
    Await.until(
        "%s to be %s to %s %s in namespace %s"
            .formatted(user, allowed ? "allowed" : "forbidden", verb, resource, namespace),
        PATIENCE,
        () -> isAllowed(user, namespace, verb, resource) == allowed);
  }

  private boolean isAllowed(String user, String namespace, String verb, String resource) {
    String[] parts = resource.split("/");
    SubjectAccessReview review =
        new SubjectAccessReviewBuilder()
            .withNewSpec()
            .withUser(user)
            .withGroups("system:serviceaccounts", "system:authenticated")
            .withNewResourceAttributes()
            .withNamespace(namespace)
            .withVerb(verb)
            .withGroup(parts[0])
            .withResource(parts[1])
            .withSubresource(parts.length > 2 ? parts[2] : "")
            .endResourceAttributes()
            .endSpec()
            .build();
    return client
        .authorization()
        .v1()
        .subjectAccessReview()
        .create(review)
        .getStatus()
        .getAllowed();
  }
}
