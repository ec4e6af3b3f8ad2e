package dev.megalodon.operator.act;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.apiserver.ApiServerExtension;
import dev.megalodon.operator.naming.Names;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.quarkus.runtime.ShutdownEvent;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ApiServerExtension.class)
class LeaseReleaseIT {
  private static final String NAMESPACE = "default";

  private final KubernetesClient client;

  LeaseReleaseIT(KubernetesClient client) {
    this.client = client;
  }

  @AfterEach
  void delete() {
    lease().delete();
  }

  @Test
  void shouldGiveBackItsOwnLeaseAndNoOther() {
    hold("operator-a");
    end("operator-b");
    assertEquals("operator-a", lease().get().getSpec().getHolderIdentity());
    end("operator-a");
    String holder = lease().get().getSpec().getHolderIdentity();
    assertTrue(holder == null || holder.isEmpty(), holder);
  }

  @Test
  void shouldEndWithoutALease() {
    end("operator-a");
    assertNull(lease().get());
  }

  private void end(String identity) {
    new LeaseRelease(client, Optional.of(NAMESPACE), Optional.of(identity))
        .end(new ShutdownEvent());
  }

  private void hold(String identity) {
    client
        .resource(
            new LeaseBuilder()
                .withNewMetadata()
                .withName(Names.LEASE)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(identity)
                .withLeaseDurationSeconds(15)
                .endSpec()
                .build())
        .create();
  }

  private Resource<Lease> lease() {
    return client.leases().inNamespace(NAMESPACE).withName(Names.LEASE);
  }
}
