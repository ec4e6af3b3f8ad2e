package dev.megalodon.crds.apiserver;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A real kube-apiserver over a real etcd, on free ports of the loopback, in a temporary folder.
 * Anybody with its token is administrator; RBAC and Pod Security hold for everybody else. There is
 * no controller manager: nothing makes default service accounts, deletes owned objects or finishes
 * the deletion of namespaces.
 */
public final class ApiServer implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private final Path folder;
  private final ClusterPrograms programs;
  private final Thread stopAtExit = new Thread(this::stop, "stop-api-server");
  private final Credentials credentials;
  private final ServerProcess etcd;
  private final ServerProcess apiServer;
  private final int port;
  private final KubernetesClient client;

  private ApiServer(Path folder, ClusterPrograms programs) throws IOException {
    this.folder = folder;
    this.programs = programs;
    this.credentials = Credentials.write(folder);
    String store = "http://127.0.0.1:" + freePort();
    this.port = freePort();
    this.etcd = ServerProcess.start("etcd", folder, etcdCommand(store));
    this.apiServer = ServerProcess.start("kube-apiserver", folder, apiServerCommand(store));
    Runtime.getRuntime().addShutdownHook(stopAtExit);
    try {
      this.client = awaitReady();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts both programs and waits until the server is ready.
   *
   * @throws IllegalStateException if a program ends or is not ready within two minutes
   */
  public static ApiServer start() {
    try {
      return new ApiServer(
          Files.createTempDirectory("megalodon-api-server"), ClusterPrograms.find());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A client with all rights; closed with the server. */
  public KubernetesClient client() {
    return client;
  }

  /** How to reach the server with all rights. */
  public Config config() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl("https://127.0.0.1:" + port)
        .withOauthToken(credentials.adminToken())
        .withCaCertFile(folder.resolve("apiserver.crt").toString())
        .withNamespace("default")
        .withRequestRetryBackoffLimit(0)
        .build();
  }

  /** A kubeconfig file with all rights, for programs. */
  public Path kubeconfig() {
    String text =
        """
        apiVersion: v1
        kind: Config
        clusters:
          - name: test
            cluster: {server: "https://127.0.0.1:%d", certificate-authority: "%s"}
        users:
          - name: admin
            user: {token: "%s"}
        contexts:
          - name: test
            context: {cluster: test, user: admin}
        current-context: test
        """
            .formatted(port, folder.resolve("apiserver.crt"), credentials.adminToken());
    try {
      return Files.writeString(folder.resolve("kubeconfig"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The programs it was started from, kubectl and helm among them. */
  public ClusterPrograms programs() {
    return programs;
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(stopAtExit);
    stop();
  }

  private void stop() {
    if (client != null) {
      client.close();
    }
    apiServer.close();
    etcd.close();
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> etcdCommand(String store) throws IOException {
    String peer = "http://127.0.0.1:" + freePort();
    return List.of(
        programs.program("etcd").toString(),
        "--name=etcd",
        "--data-dir=" + folder.resolve("etcd"),
        "--unsafe-no-fsync",
        "--log-level=warn",
        "--listen-client-urls=" + store,
        "--advertise-client-urls=" + store,
        "--listen-peer-urls=" + peer,
        "--initial-advertise-peer-urls=" + peer,
        "--initial-cluster=etcd=" + peer);
  }

  private List<String> apiServerCommand(String store) {
    return List.of(
        programs.program("kube-apiserver").toString(),
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        "--secure-port=" + port,
        "--cert-dir=" + folder,
        "--etcd-servers=" + store,
        "--token-auth-file=" + credentials.tokens(),
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=" + credentials.publicKey(),
        "--service-account-signing-key-file=" + credentials.privateKey(),
        "--service-cluster-ip-range=10.0.0.0/24",
        "--authorization-mode=RBAC",
        // No controller makes the default service accounts that pods would need.
        "--disable-admission-plugins=ServiceAccount");
  }

  private KubernetesClient awaitReady() {
    Instant limit = Instant.now().plus(START_LIMIT);
    while (Instant.now().isBefore(limit)) {
      etcd.requireAlive();
      apiServer.requireAlive();
      if (Files.exists(folder.resolve("apiserver.crt"))) {
        KubernetesClient candidate = new KubernetesClientBuilder().withConfig(config()).build();
        if (isReady(candidate)) {
          return candidate;
        }
        candidate.close();
      }
      pause();
    }
    throw new IllegalStateException(
        "waited %s for the API server to be ready:\n%s"
            .formatted(START_LIMIT, apiServer.lastWords()));
  }

  private static boolean isReady(KubernetesClient candidate) {
    try {
      return "ok".equals(candidate.raw("/readyz"))
          && candidate.namespaces().withName("default").get() != null;
    } catch (KubernetesClientException notYet) {
      return false;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(200);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the API server started", e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
