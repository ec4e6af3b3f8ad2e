package dev.megalodon.crds.apiserver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The folder with etcd, kube-apiserver, kubectl and helm: the system property {@value #PROPERTY},
 * or what {@code e2e-tests/cluster/cluster bin} prints (it builds them the first time).
 */
public final class ClusterPrograms {
  /** Names the folder where somebody has the programs already. */
  public static final String PROPERTY = "megalodon.cluster.bin";

  private static final long FIRST_BUILD_MINUTES = 30;

  private final Path folder;

  private ClusterPrograms(Path folder) {
    this.folder = folder;
  }

  /**
   * Finds the programs, building them if need be.
   *
   * @throws IllegalStateException if they cannot be had, with the reason
   */
  public static ClusterPrograms find() {
    return new ClusterPrograms(
        Optional.ofNullable(System.getProperty(PROPERTY))
            .map(Path::of)
            .orElseGet(ClusterPrograms::askClusterScript));
  }

  /** The program of this name, such as {@code kubectl}. */
  public Path program(String name) {
    Path program = folder.resolve(name);
    if (!Files.isExecutable(program)) {
      throw new IllegalStateException("no program " + name + " in " + folder);
    }
    return program;
  }

  private static Path askClusterScript() {
    try {
      Process script =
          new ProcessBuilder(repository().resolve("e2e-tests/cluster/cluster").toString(), "bin")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      if (!script.waitFor(FIRST_BUILD_MINUTES, TimeUnit.MINUTES)) {
        script.destroyForcibly();
        throw new IllegalStateException(
            "waited " + FIRST_BUILD_MINUTES + " minutes for e2e-tests/cluster/cluster bin");
      }
      if (script.exitValue() != 0) {
        throw new IllegalStateException(
            "e2e-tests/cluster/cluster bin ended with " + script.exitValue() + "; see above");
      }
      return Path.of(new String(script.getInputStream().readAllBytes()).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the cluster's programs were built", e);
    }
  }

  /** The folder of the whole project: the nearest one above that has the cluster's script. */
  public static Path repository() {
    Path here = Path.of("").toAbsolutePath();
    for (Path folder = here; folder != null; folder = folder.getParent()) {
      if (Files.isExecutable(folder.resolve("e2e-tests/cluster/cluster"))) {
        return folder;
      }
    }
    throw new IllegalStateException("no e2e-tests/cluster/cluster in or above " + here);
  }
}
