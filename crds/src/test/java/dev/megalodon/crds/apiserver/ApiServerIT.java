package dev.megalodon.crds.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ApiServerExtension.class)
class ApiServerIT {
  @Test
  void shouldServeItsOwnVersion(KubernetesClient client) {
    assertEquals("1", client.getKubernetesVersion().getMajor());
  }

  @Test
  void shouldLetAKubeconfigIn(ApiServer server) {
    try (KubernetesClient client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(server.kubeconfig().toFile()))
            .build()) {
      assertNotNull(client.namespaces().withName("default").get());
    }
  }

  @Test
  void shouldRunProgramsOfTheCluster(ApiServer server) {
    assertFalse(server.programs().program("kubectl").toString().isEmpty());
  }
}
