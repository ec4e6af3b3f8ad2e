package dev.megalodon.e2e.cluster;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The cluster of this working tree, with the operator installed: {@code make test} sees to that.
 */
public final class EmbeddedCluster implements AutoCloseable {
  /** Where the operator is. */
  public static final String OPERATOR_NAMESPACE = "megalodon-system";

  private static final long COMMAND_MINUTES = 5;

  private final Path repository;
  private final KubernetesClient client;

  private EmbeddedCluster(Path repository, KubernetesClient client) {
    this.repository = repository;
    this.client = client;
  }

  /**
   * What a command said and how it ended.
   *
   * @param status its exit status
   * @param output standard output and standard error
   */
  public record Answer(int status, String output) {
    /** The output of a command that must succeed. */
    public String successful() {
      if (status != 0) {
        throw new AssertionError("status %d:%n%s".formatted(status, output));
      }
      return output;
    }
  }

  /** Connects to the cluster. */
  public static EmbeddedCluster connect() {
    Path repository = repository();
    Path kubeconfig = repository.resolve(".cluster/kubeconfig");
    if (!Files.exists(kubeconfig)) {
      throw new AssertionError(
          "no cluster is up in this working tree: run these tests with `make test`, or after "
              + "`make cluster` and e2e-tests/toolchain/install-operator");
    }
    Config config = Config.fromKubeconfig(kubeconfig.toFile());
    return new EmbeddedCluster(
        repository, new KubernetesClientBuilder().withConfig(config).build());
  }

  /** A typed client with all rights. */
  public KubernetesClient client() {
    return client;
  }

  /** Folder that every node sees under the same path. */
  public Path volumes() {
    return repository.resolve(".cluster/volumes");
  }

  /** The process that holds a node's mounts, by the node's name. */
  public long runtimeOf(String node) {
    Path record = repository.resolve(".cluster/processes/%s-containerd.json".formatted(node));
    try {
      return new JsonMapper().readTree(record.toFile()).get("pid").asLong();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file that a run of the suite leaves its results in. */
  public Path result(String name) {
    return repository.resolve("target").resolve(name);
  }

  /** The chart of the operator. */
  public Path chart() {
    return repository.resolve("helm/megalodon-operator");
  }

  /** Folder for what a failed test leaves. */
  public Path logs() {
    return repository.resolve("target/e2e-logs");
  }

  /** {@code kubectl} as a person uses it. */
  public Answer kubectl(String... arguments) {
    return kubectlWithInput("", arguments);
  }

  /** {@code kubectl} that runs until it is ended, such as for a forwarded port. */
  public ProcessBuilder longKubectl(String... arguments) {
    return prepare(Stream.concat(Stream.of("kubectl"), Stream.of(arguments)).toList())
        .redirectErrorStream(true);
  }

  private ProcessBuilder prepare(List<String> arguments) {
    List<String> command = new ArrayList<>(arguments);
    command.addFirst(repository.resolve("e2e-tests/cluster/cluster").toString());
    return new ProcessBuilder(command).directory(repository.toFile());
  }

  /** {@code kubectl} with a text as its standard input. */
  public Answer kubectlWithInput(String input, String... arguments) {
    return cluster(input, "kubectl", arguments);
  }

  /** {@code helm} on this cluster, from the root of the working tree. */
  public Answer helm(String... arguments) {
    return cluster("", "helm", arguments);
  }

  /** {@code cluster kueue up} and the like: installs Kueue or KWOK, or takes it away. */
  public Answer addon(String name, String verb) {
    return cluster("", name, verb);
  }

  /** A command in a node's network that runs until it is ended. */
  public ProcessBuilder longOnNode(String node, List<String> command) {
    return prepare(Stream.concat(Stream.of("node-exec", node), command.stream()).toList());
  }

  /** A command in a node's network. */
  public Answer onNode(String node, String... command) {
    return run(longOnNode(node, List.of(command)).command(), "");
  }

  /**
   * {@code cluster fault …}: brings a fault of a node or of the control plane about, or ends it.
   */
  public Answer fault(String... arguments) {
    return cluster("", "fault", arguments);
  }

  private Answer cluster(String input, String verb, String... arguments) {
    List<String> all = Stream.concat(Stream.of(verb), Stream.of(arguments)).toList();
    return run(prepare(all).command(), input);
  }

  /** Runs a command of this machine and waits for its end, within a bound. */
  public Answer run(String... command) {
    return run(List.of(command), "");
  }

  private Answer run(List<String> command, String input) {
    try {
      File standardInput = File.createTempFile("kubectl", ".in");
      File output = File.createTempFile("kubectl", ".out");
      Files.writeString(standardInput.toPath(), input);
      Process process =
          new ProcessBuilder(command)
              .directory(repository.toFile())
              .redirectInput(standardInput)
              .redirectErrorStream(true)
              .redirectOutput(output)
              .start();
      if (!process.waitFor(COMMAND_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError(
            "waited %d minutes for %s".formatted(COMMAND_MINUTES, String.join(" ", command)));
      }
      Answer answer = new Answer(process.exitValue(), Files.readString(output.toPath()));
      Files.delete(standardInput.toPath());
      Files.delete(output.toPath());
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static Path repository() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("e2e-tests/cluster/cluster"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new AssertionError("run the tests inside a working tree of the project");
      }
    }
    return folder;
  }

  @Override
  public void close() {
    client.close();
  }
}
