package dev.megalodon.crds.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.apiserver.ApiServerExtension;
import dev.megalodon.crds.apiserver.TrainingJobApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What of a job may change, and when. */
@ExtendWith(ApiServerExtension.class)
class ImmutabilityIT {
  private static final Manifest MANIFEST =
      Manifest.sample("quickstart.yaml").named("edited").with("/spec/worker/image", "a:1");

  private final KubernetesClient client;

  ImmutabilityIT(KubernetesClient client) {
    this.client = client;
  }

  @BeforeAll
  static void installCrd(KubernetesClient client) {
    TrainingJobApi.install(client);
  }

  @BeforeEach
  void create() {
    job(MANIFEST).create();
  }

  @AfterEach
  void delete() {
    job(MANIFEST).delete();
  }

  /** What to change, and the path in the answer. */
  static Stream<Arguments> immutable() {
    return Stream.of(
        Arguments.of("/spec/model/dimensions/layers", "5", "spec.model"),
        Arguments.of("/spec/data/sources", "[{volume: text, path: other}]", "spec.data"),
        Arguments.of("/spec/training/steps", "500", "spec.training"),
        Arguments.of("/spec/training/optimizer/learningRate", "0.1", "spec.training"),
        Arguments.of("/spec/parallelism/chunkParallel", "3", "spec.parallelism"),
        Arguments.of("/spec/parallelism/chunkExchange", "wavefront", "spec.parallelism"),
        Arguments.of("/spec/checkpoint/everySteps", "10", "spec.checkpoint"),
        Arguments.of("/spec/checkpoint/resumeFrom", "{job: other}", "spec.checkpoint"),
        Arguments.of("/spec/managedBy", "someone.else", "spec.managedBy"),
        Arguments.of("/spec/worker/device", "reference", "spec.worker.device"),
        Arguments.of("/spec/worker/threads", "2", "spec.worker.threads"),
        Arguments.of("/spec/worker/gemm", "openblas", "spec.worker.gemm"));
  }

  @ParameterizedTest
  @MethodSource("immutable")
  void shouldNeverChange(String path, String value, String pathInAnswer) {
    assertRefused(MANIFEST.with(path, value), pathInAnswer, "is immutable");
    job(MANIFEST.with("/spec/suspend", "true")).update();
    assertRefused(
        MANIFEST.with("/spec/suspend", "true").with(path, value), pathInAnswer, "is immutable");
  }

  static Stream<Arguments> mutableWhileSuspended() {
    return Stream.of(
        Arguments.of("/spec/worker/image", "a:2", "spec.worker.image"),
        Arguments.of("/spec/worker/imagePullPolicy", "Always", "spec.worker.imagePullPolicy"),
        Arguments.of("/spec/worker/resources/limits", "{memory: 2Gi}", "spec.worker.resources"),
        Arguments.of(
            "/spec/worker/template", "{spec: {nodeSelector: {a: b}}}", "spec.worker.template"),
        Arguments.of("/spec/scheduling", "{schedulerName: other}", "spec.scheduling"),
        Arguments.of("/spec/scheduling", "{queueName: team}", "spec.scheduling"));
  }

  @ParameterizedTest
  @MethodSource("mutableWhileSuspended")
  void shouldChangeOnlyWhileSuspended(String path, String value, String pathInAnswer) {
    Manifest changed = MANIFEST.with(path, value);
    assertRefused(changed, pathInAnswer, "only change while the job is suspended");
    job(MANIFEST.with("/spec/suspend", "true")).update();
    job(changed.with("/spec/suspend", "true")).update();
    job(MANIFEST).update(); // back, and resumed, in one write: as Kueue does
    assertRefused(changed, pathInAnswer, "only change while the job is suspended");
  }

  @Test
  void shouldSeeAChangeDeepInTheTemplate() {
    job(MANIFEST.with("/spec/suspend", "true")).update();
    Manifest withTemplate =
        MANIFEST.with("/spec/worker/template", "{spec: {nodeSelector: {a: b}}}");
    job(withTemplate).update();
    assertRefused(
        MANIFEST.with("/spec/worker/template", "{spec: {nodeSelector: {a: c}}}"),
        "spec.worker.template",
        "only change while the job is suspended");
  }

  static Stream<Arguments> mutable() {
    return Stream.of(
        Arguments.of("/spec/suspend", "true"),
        Arguments.of("/spec/parallelism/workers", "2"),
        Arguments.of("/spec/failurePolicy", "{maxRestarts: 3}"),
        Arguments.of("/spec/activeDeadlineSeconds", "100"),
        Arguments.of("/spec/startDeadlineSeconds", "100"),
        Arguments.of("/spec/ttlSecondsAfterFinished", "100"),
        Arguments.of("/spec/cleanPodPolicy", "All"));
  }

  @ParameterizedTest
  @MethodSource("mutable")
  void shouldChangeAtAnyTime(String path, String value) {
    GenericKubernetesResource updated = job(MANIFEST.with(path, value)).update();
    assertEquals(2, updated.getMetadata().getGeneration());
  }

  @Test
  void shouldChangeTheNumberOfWorkersByTheScaleSubresource() {
    job(MANIFEST).scale(1);
    assertEquals(1, job(MANIFEST).get().<Integer>get("spec", "parallelism", "workers"));
    KubernetesClientException refusal =
        assertThrows(KubernetesClientException.class, () -> job(MANIFEST).scale(4));
    assertTrue(refusal.toString().contains("globalBatchSequences (6) must be"), refusal::toString);
  }

  @Test
  void shouldNotChangeTheNumberOfWorkersThatCarryState() {
    Manifest carries =
        MANIFEST
            .named("carries")
            .with("/spec/training/carryState", "true")
            .with("/spec/data/order", "consecutive");
    job(carries).create();
    try {
      assertRefused(
          carries.with("/spec/parallelism/workers", "2"), "spec.parallelism.workers", "immutable");
    } finally {
      job(carries).delete();
    }
  }

  @Test
  void shouldNotChangeWhenAppliedAgain() {
    String before = job(MANIFEST).get().getMetadata().getResourceVersion();
    job(MANIFEST).update();
    assertEquals(before, job(MANIFEST).get().getMetadata().getResourceVersion());
  }

  private void assertRefused(Manifest changed, String path, String sentence) {
    KubernetesClientException refusal =
        assertThrows(KubernetesClientException.class, () -> job(changed).update());
    String answer = String.valueOf(refusal.getMessage());
    assertAll(
        () -> assertEquals(422, refusal.getCode(), answer),
        () -> assertTrue(answer.contains(path + ": "), answer),
        () -> assertTrue(answer.contains(sentence), answer));
  }

  private Resource<GenericKubernetesResource> job(Manifest manifest) {
    return client.resource(manifest.resource()).inNamespace("default");
  }
}
