package dev.megalodon.operator.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.naming.KueueNames;
import dev.megalodon.operator.observe.Ownership;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/**
 * The whole operator against a real kube-apiserver, with its own rights only: server-side apply,
 * the status subresource, conflicts, graceful deletion, quotas, Pod Security.
 */
@QuarkusTest
@TestProfile(RealApiServerIT.ServerSideApply.class)
class RealApiServerIT extends JobLifecycle {

  /** Another build of the operator than the mock's: as it is in production. */
  public static final class ServerSideApply implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("quarkus.operator-sdk.enable-ssa", "true");
    }

    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(new TestResourceEntry(RealApiServer.class));
    }
  }

  private final KubernetesClient admin;

  /** Connects as administrator; the operator under test acts as itself. */
  RealApiServerIT() {
    admin =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(Config.empty())
                    .withMasterUrl(setting("api-server-url"))
                    .withOauthToken(setting("token"))
                    .withCaCertFile(setting("ca-cert-file"))
                    .withNamespace(NAMESPACE)
                    .build())
            .build();
  }

  private static String setting(String name) {
    return ConfigProvider.getConfig().getValue("quarkus.kubernetes-client." + name, String.class);
  }

  @Override
  void disconnect() {
    admin.close();
  }

  @Override
  KubernetesClient client() {
    return admin;
  }

  @Override
  boolean isReal() {
    return true;
  }

  @Test
  void shouldOwnTheStatusAndNothingElse() {
    submit("owned");
    awaitPhase("owned", JobPhase.RUNNING);
    List<ManagedFieldsEntry> ours =
        job("owned").getMetadata().getManagedFields().stream()
            .filter(entry -> entry.getManager().equals("megalodon-operator"))
            .toList();
    assertEquals(1, ours.size());
    assertEquals("status", ours.getFirst().getSubresource());
    assertEquals("Apply", ours.getFirst().getOperation());
  }

  @Test
  void shouldPassPodSecurityRestricted() {
    submit("strict");
    awaitPhase("strict", JobPhase.RUNNING);
    String namespace = "restricted";
    admin
        .namespaces()
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(namespace)
                .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                .endMetadata()
                .build())
        .serverSideApply();
    Pod copy =
        new PodBuilder(pod("strict-0-1"))
            .withNewMetadata()
            .withName("copy")
            .withNamespace(namespace)
            .endMetadata()
            .withStatus(null)
            .build();
    assertEquals("copy", admin.resource(copy).create().getMetadata().getName());
    admin.resource(copy).withGracePeriod(0).delete();
  }

  @Test
  void shouldNameTheQuotaThatRefusesPodsAndStartOnceItIsRaised() {
    ResourceQuota quota = admin.resource(quota("1")).create();
    try {
      setHard("1");
      submit("poor");
      MegalodonTrainingJobStatus status =
          await(
              "poor",
              "the quota's name",
              now ->
                  condition(now, "PodsReady")
                      .filter(condition -> condition.reason().equals("QuotaExceeded"))
                      .isPresent());
      String message = condition(status, "PodsReady").orElseThrow().message();
      assertTrue(message.contains("exceeded quota: tight"), message);
      assertEquals(1, pods("poor").size());
      setHard("100");
      status = awaitPhase("poor", JobPhase.RUNNING);
      assertEquals(2, status.lastIncarnation(), "a refused pod keeps its incarnation");
    } finally {
      admin.resource(quota).delete();
    }
  }

  @Test
  void shouldNotTakeThePodsOfAnEarlierJobOfTheSameName() {
    submit("again");
    awaitPhase("again", JobPhase.RUNNING);
    // Without a garbage collector the pods stay, as they do for a while when they end slowly.
    admin.resource(job("again")).delete();
    submit("again");
    MegalodonTrainingJobStatus status =
        await(
            "again",
            "the pod in the way",
            now ->
                condition(now, "PodsReady")
                    .filter(condition -> condition.reason().equals("NameTaken"))
                    .isPresent());
    String message = condition(status, "PodsReady").orElseThrow().message();
    assertTrue(message.contains("pod again-0-1"), message);
    pods("again").forEach(pod -> admin.resource(pod).withGracePeriod(0).delete());
    status = awaitPhase("again", JobPhase.RUNNING);
    assertEquals(0, status.restarts());
    assertTrue(status.attempts() == null || status.attempts().isEmpty(), status.toString());
  }

  private static ResourceQuota quota(String pods) {
    return new ResourceQuotaBuilder()
        .withNewMetadata()
        .withName("tight")
        .withNamespace(NAMESPACE)
        .endMetadata()
        .withNewSpec()
        .withHard(Map.of("pods", new Quantity(pods)))
        .endSpec()
        .build();
  }

  /** Does what the absent quota controller would: admission reads the status, not the spec. */
  private void setHard(String pods) {
    admin
        .resourceQuotas()
        .inNamespace(NAMESPACE)
        .withName("tight")
        .edit(old -> old.edit().editSpec().withHard(amount(pods)).endSpec().build());
    admin
        .resourceQuotas()
        .inNamespace(NAMESPACE)
        .withName("tight")
        .editStatus(
            old ->
                old.edit()
                    .withNewStatus()
                    .withHard(amount(pods))
                    .withUsed(
                        old.getStatus() == null || old.getStatus().getUsed().isEmpty()
                            ? amount("0")
                            : old.getStatus().getUsed())
                    .endStatus()
                    .build());
  }

  private static Map<String, Quantity> amount(String pods) {
    return Map.of("pods", new Quantity(pods));
  }

  @Test
  void shouldWriteNothingWhenNothingChanged() {
    submit("still");
    awaitPhase("still", JobPhase.RUNNING);
    controller.end(pod("still-1-2"), 0, "Completed", "");
    controller.end(pod("still-0-1"), 0, "Completed", "");
    awaitPhase("still", JobPhase.COMPLETE);
    String version = job("still").getMetadata().getResourceVersion();
    for (int i = 0; i < 5; i++) {
      String round = Integer.toString(i);
      admin
          .pods()
          .inNamespace(NAMESPACE)
          .withName("still-0-1")
          .edit(
              pod ->
                  pod.edit()
                      .editMetadata()
                      .addToAnnotations("test/round", round)
                      .endMetadata()
                      .build());
      submit("probe" + i);
      awaitPhase("probe" + i, JobPhase.RUNNING);
    }
    assertEquals(version, job("still").getMetadata().getResourceVersion());
  }

  @Test
  void shouldEndItsPodGroupWithTheRightToWriteAPodsStatusAlone() {
    submit("queued", "scheduling", Map.of("queueName", "team", "gang", "none"));
    awaitPhase("queued", JobPhase.RUNNING);
    pods("queued").forEach(pod -> hold(pod, true));
    try {
      String group = "queued-" + job("queued").getMetadata().getUid().substring(0, 8) + "-1";
      for (Pod pod : pods("queued")) {
        assertEquals("team", pod.getMetadata().getLabels().get(KueueNames.QUEUE));
        assertEquals(group, pod.getMetadata().getLabels().get(KueueNames.GROUP));
        assertEquals("2", pod.getMetadata().getAnnotations().get(KueueNames.GROUP_SIZE));
      }
      suspend("queued", true);
      awaitPhase("queued", JobPhase.SUSPENDED);
      awaitEndOfGroup("queued");
    } finally {
      pods("queued").forEach(pod -> hold(pod, false));
    }
  }

  @Test
  void shouldReleaseThePodsOfAJobThatIsGone() {
    submit("orphaned", "scheduling", Map.of("queueName", "team", "gang", "none"));
    awaitPhase("orphaned", JobPhase.RUNNING);
    pods("orphaned").forEach(pod -> hold(pod, true));
    try {
      admin.resource(job("orphaned")).delete();
      awaitEndOfGroup("orphaned");
    } finally {
      pods("orphaned").forEach(pod -> hold(pod, false));
    }
  }

  @Test
  void shouldMakeAGangOnceTheClusterKnowsGangs() {
    submit("band", "scheduling", Map.of("gang", "coscheduling"));
    MegalodonTrainingJobStatus status =
        await(
            "band",
            "the missing kind",
            now ->
                condition(now, "PodsReady")
                    .filter(condition -> condition.reason().equals("GangUnavailable"))
                    .isPresent());
    assertTrue(
        condition(status, "PodsReady").orElseThrow().message().contains("podgroups.scheduling"),
        status.toString());
    assertEquals(List.of(), pods("band"));
    var crd =
        admin.load(RealApiServerIT.class.getResourceAsStream("/podgroups.yaml")).serverSideApply();
    try {
      awaitPhase("band", JobPhase.RUNNING);
      GenericKubernetesResource gang =
          admin
              .genericKubernetesResources("scheduling.x-k8s.io/v1alpha1", "PodGroup")
              .inNamespace(NAMESPACE)
              .withName("band")
              .get();
      assertEquals(2, gang.<Integer>get("spec", "minMember"));
      assertTrue(Ownership.owns(job("band"), gang));
      for (Pod pod : pods("band")) {
        assertEquals("band", pod.getMetadata().getLabels().get("scheduling.x-k8s.io/pod-group"));
      }
    } finally {
      admin.resourceList(crd).delete();
    }
  }

  /** Kueue's webhook puts its finalizer on a pod, or its controller takes it off. */
  private void hold(Pod pod, boolean held) {
    String finalizers = held ? "[\"" + KueueNames.FINALIZER + "\"]" : "null";
    admin
        .resource(pod)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\":{\"finalizers\":" + finalizers + "}}");
  }

  private void awaitEndOfGroup(String job) {
    for (Pod pod : pods(job)) {
      admin
          .resource(pod)
          .waitUntilCondition(
              now -> "false".equals(now.getMetadata().getAnnotations().get(KueueNames.RETRIABLE)),
              30,
              TimeUnit.SECONDS);
    }
  }

  @Test
  void shouldGoOnWhenTheStatusChangedUnderIt() {
    submit("shared");
    awaitPhase("shared", JobPhase.RUNNING);
    for (int i = 0; i < 20; i++) {
      String round = Integer.toString(i);
      admin
          .resources(MegalodonTrainingJob.class)
          .inNamespace(NAMESPACE)
          .withName("shared")
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              "{\"metadata\":{\"annotations\":{\"test/round\":\"" + round + "\"}}}");
    }
    controller.end(pod("shared-1-2"), 1, "Error", "boom");
    MegalodonTrainingJobStatus status =
        await(
            "shared",
            "the recovery",
            now -> now.attempts() != null && now.attempts().getFirst().recovered() != null);
    assertEquals(1, status.restarts());
    assertEquals(1, Objects.requireNonNull(status.attempts()).size());
  }
}
