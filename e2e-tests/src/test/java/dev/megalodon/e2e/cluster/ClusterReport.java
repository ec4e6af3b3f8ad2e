package dev.megalodon.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What a person would look at when something went wrong, as files. */
public final class ClusterReport {
  /** File name to kubectl's arguments. */
  private static final Map<String, List<String>> WORTH_READING =
      Map.of(
          "jobs.yaml", List.of("get", "mtj", "-A", "-o", "yaml"),
          "jobs.txt", List.of("describe", "mtj", "-A"),
          "pods.txt", List.of("get", "pods", "-A", "-o", "wide"),
          "pods.yaml", List.of("get", "pods", "-A", "-o", "yaml"),
          "events.txt", List.of("get", "events", "-A", "--sort-by=.lastTimestamp"),
          "worker-logs.txt",
              List.of("logs", "-A", "-l", "app.kubernetes.io/name=megalodon", "--prefix"),
          "operator-log.txt",
              List.of(
                  "logs",
                  "-n",
                  EmbeddedCluster.OPERATOR_NAMESPACE,
                  "deployment/megalodon-operator",
                  "--tail=-1"));

  private ClusterReport() {}

  /** Asks the cluster now and writes the answers into a folder, which it makes. */
  public static void write(EmbeddedCluster cluster, Path folder) {
    System.err.println("what the cluster looked like: " + folder);
    try {
      Files.createDirectories(folder);
      for (var entry : WORTH_READING.entrySet()) {
        String output = cluster.kubectl(entry.getValue().toArray(String[]::new)).output();
        Files.writeString(folder.resolve(entry.getKey()), output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
