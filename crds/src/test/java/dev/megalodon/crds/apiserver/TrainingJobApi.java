package dev.megalodon.crds.apiserver;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** Puts the project's CRD into an API server. */
public final class TrainingJobApi {
  private static final String FILE = "/crd/megalodontrainingjobs.training.megalodon.dev.yaml";
  private static final long LIMIT_SECONDS = 30;

  private TrainingJobApi() {}

  /** Applies the CRD and waits until the server serves it. */
  public static CustomResourceDefinition install(KubernetesClient client) {
    try (InputStream file = TrainingJobApi.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException("no " + FILE + " on the class path");
      }
      var crds = client.apiextensions().v1().customResourceDefinitions();
      CustomResourceDefinition crd = crds.load(file).item();
      crds.resource(crd).fieldManager("test").forceConflicts().serverSideApply();
      return crds.resource(crd)
          .waitUntilCondition(TrainingJobApi::isEstablished, LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isEstablished(CustomResourceDefinition crd) {
    return crd != null
        && crd.getStatus() != null
        && crd.getStatus().getConditions().stream()
            .anyMatch(
                condition ->
                    condition.getType().equals("Established")
                        && condition.getStatus().equals("True"));
  }
}
