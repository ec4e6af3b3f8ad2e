package dev.megalodon.trainer.cli.jobs;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster and namespace, in kubectl's own words. */
final class ClusterOptions {
  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "The jobs' namespace (default: the context's).")
  private @Nullable String namespace;

  @Option(names = "--context", paramLabel = "NAME", description = "kubectl's context.")
  private @Nullable String context;

  @Option(names = "--kubeconfig", paramLabel = "FILE", description = "kubectl's configuration.")
  private @Nullable String kubeconfig;

  /** The cluster that they name. */
  Cluster cluster(Kubectl kubectl) {
    List<String> flags = new ArrayList<>();
    add(flags, "--namespace", namespace);
    add(flags, "--context", context);
    add(flags, "--kubeconfig", kubeconfig);
    return new Cluster(kubectl.with(List.copyOf(flags)));
  }

  private static void add(List<String> flags, String flag, @Nullable String value) {
    if (value != null) {
      flags.add(flag + "=" + value);
    }
  }
}
