package dev.megalodon.operator.controller;

import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.TrainingJobApi;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A real kube-apiserver with the CRD, and the operator's own rights and no more: in the cluster, or
 * in the namespace of the argument {@value #NAMESPACE}, with those to network policies.
 */
public final class RealApiServer implements QuarkusTestResourceLifecycleManager {
  static final String NAMESPACE = "namespace";

  private static final String OPERATOR = "megalodon-operator";

  private @Nullable ApiServer server;
  private Optional<String> namespace = Optional.empty();

  @Override
  public void init(Map<String, String> arguments) {
    namespace = Optional.ofNullable(arguments.get(NAMESPACE));
  }

  @Override
  public Map<String, String> start() {
    ApiServer started = ApiServer.start();
    server = started;
    KubernetesClient admin = started.client();
    TrainingJobApi.install(admin);
    List<HasMetadata> rights = rights(admin);
    namespace
        .map(name -> confine(rights, name))
        .orElse(rights)
        .forEach(right -> admin.resource(right).serverSideApply());
    Config config = started.config();
    return Map.of(
        "quarkus.kubernetes-client.api-server-url",
        config.getMasterUrl(),
        "quarkus.kubernetes-client.token",
        config.getOauthToken(),
        "quarkus.kubernetes-client.ca-cert-file",
        config.getCaCertFile(),
        "quarkus.kubernetes-client.namespace",
        "default",
        ImpersonatingCustomizer.USER,
        OPERATOR);
  }

  private static List<HasMetadata> rights(KubernetesClient admin) {
    try (InputStream rights = RealApiServer.class.getResourceAsStream("/rbac.yaml")) {
      return admin.load(Objects.requireNonNull(rights)).items();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The same rules as a Role. */
  private static List<HasMetadata> confine(List<HasMetadata> rights, String namespace) {
    Role role =
        new RoleBuilder()
            .withNewMetadata()
            .withName(OPERATOR)
            .withNamespace(namespace)
            .endMetadata()
            .withRules(((ClusterRole) rights.getFirst()).getRules())
            .addNewRule()
            .withApiGroups("networking.k8s.io")
            .withResources("networkpolicies")
            .withVerbs("list", "watch", "create", "patch")
            .endRule()
            .build();
    return List.of(
        new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build(),
        role,
        new RoleBindingBuilder()
            .withMetadata(role.getMetadata())
            .withNewRoleRef("rbac.authorization.k8s.io", "Role", OPERATOR)
            .addNewSubject("rbac.authorization.k8s.io", "User", OPERATOR, null)
            .build());
  }

  @Override
  public void stop() {
    if (server != null) {
      server.close();
    }
  }
}
