package dev.megalodon.operator.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.naming.Labels;
import dev.megalodon.operator.testing.PodController;
import dev.megalodon.operator.testing.TestJobs;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a job goes through, whatever the API server is. */
abstract class JobLifecycle {
  private static final long LIMIT_SECONDS = 30;
  static final String NAMESPACE = "default";

  PodController controller;
  @Inject FakeWorkers workers;

  abstract KubernetesClient client();

  abstract boolean isReal();

  @BeforeEach
  void startController() {
    controller = new PodController(client(), isReal());
  }

  @AfterEach
  void removeEverything() {
    controller.close();
    client().resources(MegalodonTrainingJob.class).inNamespace(NAMESPACE).delete();
    client().pods().inNamespace(NAMESPACE).withGracePeriod(0).delete();
    client().v1().events().inNamespace(NAMESPACE).delete();
    disconnect();
  }

  /** Gives back what the test itself opened. */
  void disconnect() {}

  MegalodonTrainingJob submit(String name) {
    return submit(name, "suspend", false);
  }

  MegalodonTrainingJob submit(String name, String path, Object value) {
    MegalodonTrainingJob job = TestJobs.job();
    job.setSpec(TestJobs.with(job.getSpec(), path, value));
    job.getMetadata().setName(name);
    if (isReal()) {
      job.getMetadata().setUid(null);
      job.getMetadata().setGeneration(null);
    } else {
      job.getMetadata().setUid("uid-of-" + name);
    }
    return client().resource(job).create();
  }

  MegalodonTrainingJob job(String name) {
    return client()
        .resources(MegalodonTrainingJob.class)
        .inNamespace(NAMESPACE)
        .withName(name)
        .get();
  }

  MegalodonTrainingJobStatus await(
      String name, String what, Predicate<MegalodonTrainingJobStatus> holds) {
    MegalodonTrainingJob[] last = new MegalodonTrainingJob[1];
    try {
      return Objects.requireNonNull(
          client()
              .resources(MegalodonTrainingJob.class)
              .inNamespace(NAMESPACE)
              .withName(name)
              .waitUntilCondition(
                  job -> {
                    last[0] = job;
                    return job != null && job.getStatus() != null && holds.test(job.getStatus());
                  },
                  LIMIT_SECONDS,
                  TimeUnit.SECONDS)
              .getStatus());
    } catch (RuntimeException late) {
      throw new AssertionError(
          "waited for " + what + "; the job is " + (last[0] == null ? "gone" : last[0].getStatus()),
          late);
    }
  }

  MegalodonTrainingJobStatus awaitPhase(String name, JobPhase phase) {
    return await(name, "phase " + phase, status -> status.phase() == phase);
  }

  Pod pod(String name) {
    return client().pods().inNamespace(NAMESPACE).withName(name).get();
  }

  List<Pod> pods(String job) {
    return client().pods().inNamespace(NAMESPACE).withLabel(Labels.JOB, job).list().getItems();
  }

  static Optional<Condition> condition(MegalodonTrainingJobStatus status, String type) {
    return Objects.requireNonNull(status.conditions()).stream()
        .filter(condition -> condition.type().equals(type))
        .findFirst();
  }

  /** Events follow the status write they tell of. */
  private void awaitEvents(String job, String... reasons) {
    Instant limit = Instant.now().plusSeconds(LIMIT_SECONDS);
    while (!eventReasons(job).containsAll(List.of(reasons))) {
      if (Instant.now().isAfter(limit)) {
        throw new AssertionError(
            "waited for events " + List.of(reasons) + "; there are " + eventReasons(job));
      }
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
  }

  List<String> eventReasons(String job) {
    return client().v1().events().inNamespace(NAMESPACE).list().getItems().stream()
        .filter(event -> job.equals(event.getInvolvedObject().getName()))
        .map(Event::getReason)
        .toList();
  }

  @Test
  void shouldRunAJobToCompletion() {
    submit("whole");
    awaitPhase("whole", JobPhase.RUNNING);
    assertEquals(2, pods("whole").size());
    assertEquals(
        "None",
        client()
            .services()
            .inNamespace(NAMESPACE)
            .withName("whole-workers")
            .get()
            .getSpec()
            .getClusterIP());
    assertEquals(
        32,
        java.util.Base64.getDecoder()
            .decode(
                client()
                    .secrets()
                    .inNamespace(NAMESPACE)
                    .withName("whole-key")
                    .get()
                    .getData()
                    .get("key"))
            .length);
    String spec = mountedConfigMap(pod("whole-0-1"));
    String document =
        String.valueOf(
            client()
                .configMaps()
                .inNamespace(NAMESPACE)
                .withName(spec)
                .get()
                .getData()
                .get("spec.json"));
    assertTrue(document.contains("\"globalBatchSequences\" : 4"), document);
    await("whole", "progress", status -> status.progress() != null);

    controller.end(pod("whole-1-2"), 0, "Completed", "");
    controller.end(pod("whole-0-1"), 0, "Completed", "");
    MegalodonTrainingJobStatus end = awaitPhase("whole", JobPhase.COMPLETE);
    assertEquals("AllStepsDone", condition(end, "Complete").orElseThrow().reason());
    assertEquals(0, end.restarts());
    awaitEvents("whole", "WorkersCreated", "Running", "Complete");
  }

  private static String mountedConfigMap(Pod pod) {
    return pod.getSpec().getVolumes().stream()
        .filter(volume -> volume.getName().equals("job"))
        .map(volume -> volume.getConfigMap().getName())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldReplaceAFailedWorkerAndKeepTheOther() {
    submit("wounded");
    awaitPhase("wounded", JobPhase.RUNNING);
    String survivor = pod("wounded-0-1").getMetadata().getUid();
    controller.end(pod("wounded-1-2"), 137, "OOMKilled", "");
    await("wounded", "a restart", status -> Objects.equals(status.restarts(), 1));
    await(
        "wounded",
        "the recovery",
        status ->
            status.phase() == JobPhase.RUNNING
                && status.attempts() != null
                && status.attempts().getFirst().recovered() != null);
    assertEquals(survivor, pod("wounded-0-1").getMetadata().getUid());
    assertEquals("Running", pod("wounded-1-3").getStatus().getPhase());
    assertEquals("Failed", pod("wounded-1-2").getStatus().getPhase());
    assertEquals(
        "OOMKilled",
        Objects.requireNonNull(job("wounded").getStatus().attempts()).getFirst().cause());
    awaitEvents("wounded", "OOMKilled", "Restarting", "WorkerReplaced");
  }

  @Test
  void shouldFailWithTheWorkersMessage() {
    submit("doomed");
    awaitPhase("doomed", JobPhase.RUNNING);
    controller.end(pod("doomed-1-2"), 66, "Error", "/var/lib/megalodon/data/corpus: not found");
    MegalodonTrainingJobStatus end = awaitPhase("doomed", JobPhase.FAILED);
    Condition failed = condition(end, "Failed").orElseThrow();
    assertEquals("MissingInput", failed.reason());
    assertEquals("rank 1: /var/lib/megalodon/data/corpus: not found", failed.message());
    client()
        .pods()
        .inNamespace(NAMESPACE)
        .withName("doomed-0-1")
        .waitUntilCondition(Objects::isNull, LIMIT_SECONDS, TimeUnit.SECONDS);
    assertEquals("Failed", pod("doomed-1-2").getStatus().getPhase());
  }

  @Test
  void shouldReplaceADeletedPodForFree() {
    submit("robbed");
    awaitPhase("robbed", JobPhase.RUNNING);
    client().pods().inNamespace(NAMESPACE).withName("robbed-0-1").delete();
    MegalodonTrainingJobStatus status =
        await(
            "robbed",
            "an attempt",
            now -> now.attempts() != null && now.attempts().getFirst().recovered() != null);
    assertEquals("Deleted", Objects.requireNonNull(status.attempts()).getFirst().cause());
    assertEquals(0, status.restarts());
    assertEquals(1, Objects.requireNonNull(status.attempts()).size());
  }

  @Test
  void shouldReplaceAFrozenRankZeroAndKeepTheOther() {
    submit("frozen");
    awaitPhase("frozen", JobPhase.RUNNING);
    String survivor = pod("frozen-1-2").getMetadata().getUid();
    workers.freeze("frozen", 0, "frozen-0-1");
    MegalodonTrainingJobStatus lost =
        await("frozen", "the loss", status -> status.attempts() != null);
    assertEquals("Stalled", Objects.requireNonNull(lost.attempts()).getFirst().cause());
    assertEquals("Silent", condition(lost, "Stalled").orElseThrow().reason());
    assertEquals(1, lost.restarts());
    workers.thaw("frozen");
    MegalodonTrainingJobStatus again = awaitPhase("frozen", JobPhase.RUNNING);
    assertEquals("Recovered", condition(again, "Stalled").orElseThrow().reason());
    assertEquals(survivor, pod("frozen-1-2").getMetadata().getUid());
    assertEquals("Running", pod("frozen-0-3").getStatus().getPhase());
    client()
        .pods()
        .inNamespace(NAMESPACE)
        .withName("frozen-0-1")
        .waitUntilCondition(Objects::isNull, LIMIT_SECONDS, TimeUnit.SECONDS);
    awaitEvents("frozen", "Stalled", "Restarting", "WorkerReplaced");
  }

  @Test
  void shouldSayThatCheckpointsFailAndGoOn() {
    submit("full");
    awaitPhase("full", JobPhase.RUNNING);
    workers.checkpoints("full", "no space left on volume checkpoints");
    MegalodonTrainingJobStatus failing =
        await("full", "CheckpointFailing", now -> isHeld(now, Condition.Status.TRUE));
    assertEquals(
        "no space left on volume checkpoints",
        condition(failing, "CheckpointFailing").orElseThrow().message());
    assertEquals(JobPhase.RUNNING, failing.phase());
    workers.checkpoints("full", "");
    await("full", "its end", now -> isHeld(now, Condition.Status.FALSE));
    awaitEvents("full", "CheckpointFailing", "CheckpointRecovered");
  }

  private static boolean isHeld(MegalodonTrainingJobStatus status, Condition.Status wanted) {
    return condition(status, "CheckpointFailing")
        .filter(found -> found.status() == wanted)
        .isPresent();
  }

  @Test
  void shouldSuspendAndResume() {
    submit("nap");
    awaitPhase("nap", JobPhase.RUNNING);
    suspend("nap", true);
    awaitPhase("nap", JobPhase.SUSPENDED);
    assertEquals(List.of(), pods("nap").stream().filter(JobLifecycle::isLive).toList());
    suspend("nap", false);
    MegalodonTrainingJobStatus again = awaitPhase("nap", JobPhase.RUNNING);
    assertEquals(0, again.restarts());
    assertEquals(4, again.lastIncarnation());
    AttemptStatus rest = Objects.requireNonNull(again.attempts()).getFirst();
    assertEquals(1, again.attempts().size());
    assertEquals("Suspended", rest.cause());
    assertNotNull(rest.recovered());
  }

  void suspend(String name, boolean suspend) {
    client()
        .resources(MegalodonTrainingJob.class)
        .inNamespace(NAMESPACE)
        .withName(name)
        .edit(
            job -> {
              job.setSpec(TestJobs.with(job.getSpec(), "suspend", suspend));
              if (!isReal()) {
                job.getMetadata().setGeneration(job.getMetadata().getGeneration() + 1);
              }
              return job;
            });
  }

  private static boolean isLive(Pod pod) {
    String phase = pod.getStatus().getPhase();
    return "Running".equals(phase) || "Pending".equals(phase);
  }

  @Test
  void shouldSayWhyAPodDoesNotStart() {
    controller.holdBack("stuck-1");
    submit("stuck");
    await(
        "stuck",
        "one ready worker",
        status -> Objects.requireNonNull(status.workers()).ready() == 1);
    controller.block(pod("stuck-1-2"), "ImagePullBackOff", "no such image: nope:1");
    MegalodonTrainingJobStatus status =
        await(
            "stuck",
            "the cause",
            now ->
                condition(now, "PodsReady")
                    .filter(condition -> condition.reason().equals("ImagePullBackOff"))
                    .isPresent());
    assertTrue(
        condition(status, "PodsReady").orElseThrow().message().contains("no such image: nope:1"));
    assertEquals(JobPhase.STARTING, status.phase());
  }

  @Test
  void shouldRefuseATemplateThatTakesTheOperatorsPart() {
    submit(
        "greedy", "worker.template", java.util.Map.of("spec", java.util.Map.of("hostname", "x")));
    MegalodonTrainingJobStatus status = awaitPhase("greedy", JobPhase.FAILED);
    Condition failed = condition(status, "Failed").orElseThrow();
    assertEquals("InvalidSpec", failed.reason());
    assertEquals("spec.worker.template.spec.hostname is set by the operator", failed.message());
    assertEquals(List.of(), pods("greedy"));
  }

  @Test
  void shouldLeaveJobsOfOthersAlone() {
    submit("foreign", "managedBy", "kueue.x-k8s.io/multikueue");
    submit("own");
    awaitPhase("own", JobPhase.RUNNING);
    assertEquals(List.of(), pods("foreign"));
    MegalodonTrainingJobStatus status = job("foreign").getStatus();
    assertTrue(status == null || status.phase() == null, () -> "status " + status);
    assertNotEquals(0, pods("own").size());
    assertFalse(eventReasons("own").isEmpty());
  }
}
