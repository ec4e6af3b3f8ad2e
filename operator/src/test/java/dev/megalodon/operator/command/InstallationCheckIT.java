package dev.megalodon.operator.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.ApiServerExtension;
import dev.megalodon.crds.apiserver.TrainingJobApi;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ApiServerExtension.class)
class InstallationCheckIT {
  private final ApiServer server;
  private final HttpServer operator;
  private volatile int status = 200;

  InstallationCheckIT(ApiServer server) throws IOException {
    this.server = server;
    this.operator =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    operator.createContext(
        "/q/health/ready",
        exchange -> {
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
  }

  @BeforeEach
  void start() {
    operator.start();
  }

  @AfterEach
  void stop() {
    operator.stop(0);
  }

  @Test
  void shouldTellEachProblemWithTheWayOut() throws InterruptedException {
    KubernetesClient admin = server.client();
    String missing = only(check(admin, operatorAddress()));
    assertTrue(missing.contains("crds.install"), missing);
    TrainingJobApi.install(admin);
    assertEquals(List.of(), check(admin, operatorAddress(), "--namespace=a", "--namespace=b"));
    status = 503;
    String notReady = only(check(admin, operatorAddress()));
    assertTrue(notReady.contains("not ready") && notReady.contains("503"), notReady);
    try (KubernetesClient nobody = client("nobody")) {
      String forbidden = only(check(nobody, "--namespace=a"));
      assertTrue(forbidden.contains("namespace a (rbac.create"), forbidden);
    }
  }

  private static List<String> check(KubernetesClient client, String... arguments)
      throws InterruptedException {
    return new InstallationCheck(client, System.out, 2).problems(arguments);
  }

  private String operatorAddress() {
    return "--operator=http://127.0.0.1:" + operator.getAddress().getPort();
  }

  private KubernetesClient client(String user) {
    return new KubernetesClientBuilder()
        .withConfig(new ConfigBuilder(server.config()).withImpersonateUsername(user).build())
        .build();
  }

  private static String only(List<String> problems) {
    assertEquals(1, problems.size(), problems.toString());
    return problems.getFirst();
  }
}
