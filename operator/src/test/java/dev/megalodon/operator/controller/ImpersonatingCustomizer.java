package dev.megalodon.operator.controller;

import io.fabric8.kubernetes.client.Config;
import io.quarkus.kubernetes.client.KubernetesConfigCustomizer;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Makes the operator under test act as a user with its own rights, where a test names one. */
@Singleton
class ImpersonatingCustomizer implements KubernetesConfigCustomizer {
  static final String USER = "test.operator.user";

  private final Optional<String> user;

  ImpersonatingCustomizer(@ConfigProperty(name = USER) Optional<String> user) {
    this.user = user;
  }

  @Override
  public void customize(Config config) {
    user.ifPresent(config::setImpersonateUsername);
  }
}
