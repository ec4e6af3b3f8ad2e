package dev.megalodon.operator.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.testing.PodController;
import dev.megalodon.operator.testing.TestJobs;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The operator with rights in one namespace and none in the cluster, as the chart installs it with
 * {@code watchNamespaces}; with network policies.
 */
@QuarkusTest
@TestProfile(NamespacedIT.OneNamespace.class)
class NamespacedIT {
  private static final String NAMESPACE = "team";
  private static final String ELSEWHERE = "elsewhere";
  private static final long LIMIT_SECONDS = 30;

  /** An operator for one namespace. */
  public static final class OneNamespace implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "quarkus.operator-sdk.enable-ssa", "true",
          "quarkus.operator-sdk.namespaces", NAMESPACE,
          "megalodon.network-policies.enabled", "true",
          "megalodon.network-policies.http-from", "[{\"podSelector\":{}}]");
    }

    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(
          new TestResourceEntry(RealApiServer.class, Map.of(RealApiServer.NAMESPACE, NAMESPACE)));
    }
  }

  private final KubernetesClient admin =
      new KubernetesClientBuilder()
          .withConfig(
              new ConfigBuilder(Config.empty())
                  .withMasterUrl(setting("api-server-url"))
                  .withOauthToken(setting("token"))
                  .withCaCertFile(setting("ca-cert-file"))
                  .build())
          .build();

  private final PodController controller = new PodController(admin, true);

  private static String setting(String name) {
    return ConfigProvider.getConfig().getValue("quarkus.kubernetes-client." + name, String.class);
  }

  @BeforeEach
  void createOtherNamespace() {
    admin
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(ELSEWHERE).endMetadata().build())
        .serverSideApply();
  }

  @AfterEach
  void stop() {
    controller.close();
    for (String namespace : List.of(NAMESPACE, ELSEWHERE)) {
      admin.resources(MegalodonTrainingJob.class).inNamespace(namespace).delete();
      admin.pods().inNamespace(namespace).withGracePeriod(0).delete();
      admin.network().v1().networkPolicies().inNamespace(namespace).delete();
    }
    admin.close();
  }

  @Test
  void shouldRunJobsOfItsNamespaceAloneAndShutThemOff() {
    submit(ELSEWHERE);
    submit(NAMESPACE);
    awaitRunning();
    assertNull(job(ELSEWHERE).get().getStatus());
    assertTrue(admin.pods().inNamespace(ELSEWHERE).list().getItems().isEmpty());
    NetworkPolicy made = policy().get();
    assertEquals(2, made.getSpec().getIngress().size());
    assertEquals(
        job(NAMESPACE).get().getMetadata().getUid(),
        made.getMetadata().getOwnerReferences().getFirst().getUid());
  }

  @Test
  void shouldPutThePolicyRightBeforeItMakesAnotherPod() {
    submit(NAMESPACE);
    awaitRunning();
    policy().edit(old -> old.edit().editSpec().withIngress().endSpec().build());
    controller.end(
        admin.pods().inNamespace(NAMESPACE).withName("small-1-2").get(), 1, "Error", "boom");
    policy()
        .waitUntilCondition(
            now -> now != null && now.getSpec().getIngress().size() == 2,
            LIMIT_SECONDS,
            TimeUnit.SECONDS);
  }

  private void awaitRunning() {
    job(NAMESPACE)
        .waitUntilCondition(
            job ->
                job != null
                    && job.getStatus() != null
                    && job.getStatus().phase() == JobPhase.RUNNING,
            LIMIT_SECONDS,
            TimeUnit.SECONDS);
  }

  private void submit(String namespace) {
    MegalodonTrainingJob job = TestJobs.job();
    job.getMetadata().setName("small");
    job.getMetadata().setNamespace(namespace);
    job.getMetadata().setUid(null);
    job.getMetadata().setGeneration(null);
    admin.resource(job).create();
  }

  private Resource<MegalodonTrainingJob> job(String namespace) {
    return admin.resources(MegalodonTrainingJob.class).inNamespace(namespace).withName("small");
  }

  private Resource<NetworkPolicy> policy() {
    return admin.network().v1().networkPolicies().inNamespace(NAMESPACE).withName("small-workers");
  }
}
