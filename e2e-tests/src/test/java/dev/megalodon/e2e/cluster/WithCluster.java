package dev.megalodon.e2e.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Gives tests the {@link EmbeddedCluster}, and writes what a person would look at into {@code
 * target/e2e-logs} when a test fails.
 */
public final class WithCluster
    implements ParameterResolver,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler {
  private static final ExtensionContext.Namespace STORE =
      ExtensionContext.Namespace.create(WithCluster.class);

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

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == EmbeddedCluster.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return cluster(context);
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    dump(context, failure);
    throw failure;
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    dump(context, failure);
    throw failure;
  }

  private static void dump(ExtensionContext context, Throwable failure) {
    EmbeddedCluster cluster = cluster(context);
    String test = context.getRequiredTestClass().getSimpleName() + "." + context.getDisplayName();
    Path folder = cluster.logs().resolve(test.replaceAll("[^A-Za-z0-9.]", ""));
    System.err.println("what the cluster looked like: " + folder);
    try {
      Files.createDirectories(folder);
      for (var entry : WORTH_READING.entrySet()) {
        String output = cluster.kubectl(entry.getValue().toArray(String[]::new)).output();
        Files.writeString(folder.resolve(entry.getKey()), output);
      }
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private static EmbeddedCluster cluster(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(STORE)
        .computeIfAbsent(
            EmbeddedCluster.class, type -> EmbeddedCluster.connect(), EmbeddedCluster.class);
  }
}
