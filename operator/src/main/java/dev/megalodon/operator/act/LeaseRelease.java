package dev.megalodon.operator.act;

import dev.megalodon.operator.config.OperatorConfig;
import dev.megalodon.operator.naming.Names;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Gives the leader's lease back at an orderly end, so that a standby, or the pod of an upgrade,
 * leads within seconds; the SDK lets it run out.
 */
@ApplicationScoped
public class LeaseRelease {
  private static final Logger LOG = Logger.getLogger(LeaseRelease.class);
  private static final int AFTER_THE_OPERATOR = 3000;

  private final KubernetesClient client;
  private final Optional<String> namespace;
  private final Optional<String> identity;

  /** Gives back what the SDK takes in the name of this host. */
  @Inject
  public LeaseRelease(
      KubernetesClient client,
      OperatorConfig config,
      @ConfigProperty(name = "HOSTNAME") Optional<String> identity) {
    this(client, config.leaseNamespace(), identity);
  }

  LeaseRelease(KubernetesClient client, Optional<String> namespace, Optional<String> identity) {
    this.client = client;
    this.namespace = namespace;
    this.identity = identity;
  }

  void end(@Observes @Priority(AFTER_THE_OPERATOR) ShutdownEvent event) {
    if (namespace.isPresent() && identity.isPresent()) {
      release(namespace.get(), identity.get());
    }
  }

  private void release(String namespace, String identity) {
    try {
      Lease lease = client.leases().inNamespace(namespace).withName(Names.LEASE).get();
      if (lease != null && Objects.equals(lease.getSpec().getHolderIdentity(), identity)) {
        lease.getSpec().setHolderIdentity("");
        client.resource(lease).update();
        LOG.info("gave the lease back");
      }
    } catch (KubernetesClientException failure) {
      LOG.debugf("the lease is left to run out: %s", failure.getMessage());
    }
  }
}
