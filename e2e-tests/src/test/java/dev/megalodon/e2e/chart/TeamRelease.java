package dev.megalodon.e2e.chart;

import dev.megalodon.e2e.cluster.EmbeddedCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An operator of a team's own, for one namespace with jobs and with rights there only, beside the
 * one of the whole cluster, which meanwhile leaves that namespace alone: two would fight over jobs.
 */
final class TeamRelease implements AutoCloseable {
  static final String NAME = "team";

  private static final String SHARED = "megalodon";
  private static final String PATIENCE = "--timeout=4m";

  private final EmbeddedCluster cluster;
  private final String namespace;
  private final Path values;

  private TeamRelease(EmbeddedCluster cluster, String namespace, Path values) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.values = values;
  }

  /** Makes room for it: a restricted namespace, and a shared operator that looks elsewhere. */
  static TeamRelease prepare(EmbeddedCluster cluster, String namespace) {
    String shared = "--namespace=" + EmbeddedCluster.OPERATOR_NAMESPACE;
    TeamRelease release =
        new TeamRelease(
            cluster,
            namespace,
            write(cluster.helm("get", "values", SHARED, shared, "--output=yaml").successful()));
    cluster.kubectl("create", "namespace", namespace).successful();
    restrict(cluster, namespace);
    cluster
        .helm(
            "upgrade",
            SHARED,
            cluster.chart().toString(),
            shared,
            "--reuse-values",
            "--set=watchNamespaces={" + EmbeddedCluster.OPERATOR_NAMESPACE + "}",
            "--wait",
            PATIENCE)
        .successful();
    return release;
  }

  /** Has Pod Security {@code restricted} enforced in a namespace. */
  static void restrict(EmbeddedCluster cluster, String namespace) {
    cluster
        .kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
        .successful();
  }

  String namespace() {
    return namespace;
  }

  /** {@code helm upgrade --install}, with the images of the shared one and nothing cluster-wide. */
  void install(String watched, String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--install",
                "--values=" + values,
                "--set=crds.install=false,watchNamespaces={" + watched + "}"));
    all.addAll(List.of(arguments));
    upgrade(all.toArray(String[]::new));
  }

  /** {@code helm upgrade}, until its pods are ready. */
  void upgrade(String... arguments) {
    List<String> line = new ArrayList<>(List.of(arguments));
    line.addFirst(cluster.chart().toString());
    line.add("--wait");
    helm("upgrade", line.toArray(String[]::new));
  }

  /** {@code helm COMMAND}; the output. */
  String helm(String command, String... arguments) {
    List<String> line = new ArrayList<>(List.of(command, NAME));
    line.addAll(List.of(arguments));
    line.addAll(List.of("--namespace=" + namespace, PATIENCE));
    return cluster.helm(line.toArray(String[]::new)).successful();
  }

  /** {@code kubectl} in its namespace; the output. */
  String kubectl(String... arguments) {
    List<String> line = new ArrayList<>(List.of(arguments));
    line.addFirst("--namespace=" + namespace);
    return cluster.kubectl(line.toArray(String[]::new)).successful();
  }

  private static Path write(String values) {
    try {
      return Files.writeString(Files.createTempFile("shared-values", ".yaml"), values);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes it away and gives the whole cluster back to the shared one. */
  @Override
  public void close() {
    helm("uninstall", "--ignore-not-found");
    cluster.kubectl("delete", "namespace", namespace, "--wait=false").successful();
    cluster
        .helm(
            "rollback",
            SHARED,
            "--namespace=" + EmbeddedCluster.OPERATOR_NAMESPACE,
            "--wait",
            PATIENCE)
        .successful();
  }
}
