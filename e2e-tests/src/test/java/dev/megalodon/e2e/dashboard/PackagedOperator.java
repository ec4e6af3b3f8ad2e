package dev.megalodon.e2e.dashboard;

import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.ClusterPrograms;
import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The operator as it is in the image, as a process of this machine, with the chart's rights. */
final class PackagedOperator implements AutoCloseable {
  private static final Duration BOUND = Duration.ofMinutes(2);

  private final Process process;
  private final Path log;
  private final int port;
  private final HttpClient http = HttpClient.newHttpClient();

  private PackagedOperator(Process process, Path log, int port) {
    this.process = process;
    this.log = log;
    this.port = port;
  }

  /**
   * Starts one and waits until it answers.
   *
   * @param token of the service account it acts as
   * @param settings more environment
   */
  static PackagedOperator start(ApiServer server, String token, Map<String, String> settings) {
    Path jar = ClusterPrograms.repository().resolve("operator/target/quarkus-app/quarkus-run.jar");
    if (!Files.exists(jar)) {
      throw new AssertionError("no %s: run `make build` first".formatted(jar));
    }
    try {
      int port = freePort();
      Path log = Files.createTempFile("operator", ".log");
      ProcessBuilder builder =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin/java").toString(),
                  "-Xmx256m",
                  "-jar",
                  jar.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().putAll(environment(server, token, port));
      builder.environment().putAll(settings);
      PackagedOperator started = new PackagedOperator(builder.start(), log, port);
      started.awaitReady();
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> environment(ApiServer server, String token, int port) {
    return Map.of(
        "QUARKUS_HTTP_PORT",
        Integer.toString(port),
        "QUARKUS_KUBERNETES_CLIENT_API_SERVER_URL",
        server.config().getMasterUrl(),
        "QUARKUS_KUBERNETES_CLIENT_TOKEN",
        token,
        "QUARKUS_KUBERNETES_CLIENT_CA_CERT_FILE",
        server.config().getCaCertFile(),
        "QUARKUS_KUBERNETES_CLIENT_NAMESPACE",
        "default",
        "MEGALODON_LEASE_NAMESPACE",
        EmbeddedCluster.OPERATOR_NAMESPACE);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady() {
    Await.until(
        "the operator to answer; its log is " + log,
        BOUND,
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError("the operator ended:%n%s".formatted(said()));
          }
          return status("/q/health/live") == 200;
        });
  }

  /** Where its page is. */
  URI page(String path) {
    return URI.create("http://localhost:" + port + path);
  }

  /** The status of its answer; 0 for none. */
  int status(String path) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(page(path)).timeout(Duration.ofSeconds(10)).build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException notYet) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  String said() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    http.close();
    process.destroy();
    try {
      if (!process.waitFor(15, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
