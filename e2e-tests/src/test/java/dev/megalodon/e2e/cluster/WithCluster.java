package dev.megalodon.e2e.cluster;

import java.nio.file.Path;
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
    try {
      ClusterReport.write(cluster, folder);
    } catch (RuntimeException e) {
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
