package dev.megalodon.operator.controller;

import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.TrainingJobApi;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A real kube-apiserver with the CRD, and the operator's own rights and no more. */
public final class RealApiServer implements QuarkusTestResourceLifecycleManager {
  private @Nullable ApiServer server;

  @Override
  public Map<String, String> start() {
    ApiServer started = ApiServer.start();
    server = started;
    KubernetesClient admin = started.client();
    TrainingJobApi.install(admin);
    try (InputStream rights = RealApiServer.class.getResourceAsStream("/rbac.yaml")) {
      admin.load(Objects.requireNonNull(rights)).serverSideApply();
    } catch (java.io.IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
    Config config = started.config();
    return Map.of(
        "quarkus.kubernetes-client.api-server-url",
        config.getMasterUrl(),
        "quarkus.kubernetes-client.token",
        config.getOauthToken(),
        "quarkus.kubernetes-client.ca-cert-file",
        config.getCaCertFile(),
        "quarkus.kubernetes-client.namespace",
        "default",
        ImpersonatingCustomizer.USER,
        "megalodon-operator");
  }

  @Override
  public void stop() {
    if (server != null) {
      server.close();
    }
  }
}
