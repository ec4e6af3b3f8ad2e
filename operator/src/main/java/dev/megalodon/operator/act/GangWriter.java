package dev.megalodon.operator.act;

import dev.megalodon.operator.naming.Labels;
import dev.megalodon.operator.observe.Blocker;
import dev.megalodon.operator.resources.GangGroup;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.Optional;

/** Writes the object by which a scheduler knows a job's workers as one gang. */
final class GangWriter {
  private final KubernetesClient client;

  GangWriter(KubernetesClient client) {
    this.client = client;
  }

  /** Applies it; says why the API server will not have it, if so. */
  Optional<Blocker> apply(GangGroup gang) {
    try {
      client
          .genericKubernetesResources(kind(gang))
          .resource(gang.resource())
          .fieldManager(Labels.OPERATOR)
          .forceConflicts()
          .serverSideApply();
      return Optional.empty();
    } catch (KubernetesClientException failure) {
      return Optional.of(refusal(gang, failure));
    }
  }

  private static ResourceDefinitionContext kind(GangGroup gang) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(gang.apiGroup())
        .withVersion(gang.version())
        .withKind(GangGroup.KIND)
        .withPlural(GangGroup.PLURAL)
        .withNamespaced(true)
        .build();
  }

  private static Blocker refusal(GangGroup gang, KubernetesClientException failure) {
    String kind = GangGroup.PLURAL + "." + gang.apiGroup() + "/" + gang.version();
    return switch (failure.getCode()) {
      case HttpURLConnection.HTTP_NOT_FOUND ->
          new Blocker(
              "GangUnavailable",
              "spec.scheduling.gang is %s, but the cluster has no %s: install that scheduler, or suspend the job and set gang to none"
                  .formatted(gang.gang(), kind));
      case HttpURLConnection.HTTP_FORBIDDEN ->
          new Blocker(
              "GangForbidden",
              "the operator may not write %s: install it with --set gangScheduling.%s=true"
                  .formatted(kind, gang.gang()));
      default -> Refusal.of(failure).orElseThrow(() -> failure);
    };
  }
}
