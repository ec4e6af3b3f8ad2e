package dev.megalodon.e2e.dashboard;

import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code kubectl port-forward} to the operator, as its README says. */
final class ForwardedPort implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:([0-9]+)");
  private static final Duration BOUND = Duration.ofMinutes(1);

  private final Process kubectl;
  private final URI address;

  ForwardedPort(EmbeddedCluster cluster) {
    try {
      Path output = Files.createTempFile("port-forward", ".txt");
      kubectl =
          cluster
              .longKubectl(
                  "-n",
                  EmbeddedCluster.OPERATOR_NAMESPACE,
                  "port-forward",
                  "deployment/megalodon-operator",
                  ":8080")
              .redirectOutput(output.toFile())
              .start();
      address = Await.until("kubectl to forward the port", BOUND, () -> forwarded(kubectl, output));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<URI> forwarded(Process kubectl, Path output) {
    try {
      String said = Files.readString(output);
      if (!kubectl.isAlive()) {
        throw new AssertionError("kubectl port-forward ended:%n%s".formatted(said));
      }
      return Optional.of(READY.matcher(said))
          .filter(Matcher::find)
          .map(found -> URI.create("http://localhost:" + found.group(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI page(String path) {
    return address.resolve(path);
  }

  @Override
  public void close() {
    kubectl.descendants().forEach(ProcessHandle::destroy);
    kubectl.destroy();
  }
}
