package dev.megalodon.crds.apiserver;

import io.fabric8.kubernetes.client.KubernetesClient;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test an {@link ApiServer} or its {@link KubernetesClient}. One server serves all tests of
 * a JVM, so a test leaves nothing behind that another would see; it is stopped at the end.
 */
public final class ApiServerExtension implements ParameterResolver {
  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == ApiServer.class || type == KubernetesClient.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    ApiServer server =
        context
            .getRoot()
            .getStore(Namespace.create(ApiServerExtension.class))
            .computeIfAbsent(ApiServer.class, ignored -> ApiServer.start(), ApiServer.class);
    return parameter.getParameter().getType() == ApiServer.class ? server : server.client();
  }
}
