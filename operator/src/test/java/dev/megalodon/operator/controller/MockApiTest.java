package dev.megalodon.operator.controller;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.kubernetes.client.WithKubernetesTestServer;
import jakarta.inject.Inject;

/** The whole operator against the mock API server: quick, but without server-side apply. */
@QuarkusTest
@WithKubernetesTestServer
class MockApiTest extends JobLifecycle {
  @Inject KubernetesClient client;

  @Override
  KubernetesClient client() {
    return client;
  }

  @Override
  boolean isReal() {
    return false;
  }
}
