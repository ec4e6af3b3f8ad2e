package dev.megalodon.e2e.dashboard;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.e2e.cluster.Await;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Jobs in every state there is, in a real API server. They say that somebody else manages them, so
 * the operator leaves the statuses that stand in {@code dashboard/jobs.yaml} as they are.
 */
final class Scenery {
  static final List<String> NAMESPACES = List.of("research", "team-a");

  /** Times are seconds from now: {@code @-90}. */
  private static final Pattern TIME = Pattern.compile("\"?@(-?[0-9]+)\"?");

  private final KubernetesClient client;
  private Instant now = Instant.EPOCH;

  Scenery(KubernetesClient client) {
    this.client = client;
  }

  /** The moment that all times are told from. */
  Instant now() {
    return now;
  }

  /** Makes all jobs, the first of the file last, so that it alone is the newest. */
  void build() {
    now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    for (String name : NAMESPACES) {
      client
          .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
          .createOr(existing -> existing.update());
    }
    List<GenericKubernetesResource> all = documents();
    all.subList(1, all.size()).forEach(this::submit);
    awaitAnotherSecond();
    submit(all.getFirst());
  }

  /** Creation times have no finer unit. */
  private static void awaitAnotherSecond() {
    long begun = Instant.now().getEpochSecond();
    Await.until(
        "another second", Duration.ofSeconds(5), () -> Instant.now().getEpochSecond() > begun);
  }

  private List<GenericKubernetesResource> documents() {
    try (InputStream file = Scenery.class.getResourceAsStream("/dashboard/jobs.yaml")) {
      String text = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
      String dated =
          TIME.matcher(text)
              .replaceAll(at -> "\"%s\"".formatted(now.plusSeconds(Long.parseLong(at.group(1)))));
      return Stream.of(dated.split("(?m)^---$"))
          .map(each -> Serialization.unmarshal(each, GenericKubernetesResource.class))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As a person would: the API server fills in the defaults, and the status is written apart. */
  private void submit(GenericKubernetesResource document) {
    Object status = document.getAdditionalProperties().remove("status");
    var jobs =
        client
            .genericKubernetesResources(document.getApiVersion(), document.getKind())
            .inNamespace(document.getMetadata().getNamespace());
    GenericKubernetesResource created = jobs.resource(document).create();
    created.setAdditionalProperty("status", status);
    jobs.resource(created).updateStatus();
  }

  MegalodonTrainingJob job(String namespace, String name) {
    return client
        .resources(MegalodonTrainingJob.class)
        .inNamespace(namespace)
        .withName(name)
        .require();
  }

  /** Gives a job a rank 0 that answers at an address. */
  void startRankZero(MegalodonTrainingJob job, String address) {
    String name = Objects.requireNonNull(job.getStatus().ranks()).getFirst().pod();
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(job.getMetadata().getNamespace())
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("worker")
            .withImage("none")
            .endContainer()
            .endSpec()
            .build();
    client.resource(pod).create();
    client
        .pods()
        .inNamespace(job.getMetadata().getNamespace())
        .withName(name)
        .editStatus(
            created ->
                created
                    .edit()
                    .editOrNewStatus()
                    .withPhase("Running")
                    .withPodIP(address)
                    .addNewPodIP(address)
                    .endStatus()
                    .build());
  }

  /** Removes all jobs and pods. */
  void remove() {
    for (String namespace : NAMESPACES) {
      client.resources(MegalodonTrainingJob.class).inNamespace(namespace).delete();
      client.pods().inNamespace(namespace).withGracePeriod(0).delete();
    }
  }
}
