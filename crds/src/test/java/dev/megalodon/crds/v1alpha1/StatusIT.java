package dev.megalodon.crds.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.ApiServerExtension;
import dev.megalodon.crds.apiserver.TrainingJobApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the API server makes of a status, and what kubectl shows of it. */
@ExtendWith(ApiServerExtension.class)
class StatusIT {
  private static final Manifest MANIFEST = Manifest.sample("quickstart.yaml").named("watched");

  private final KubernetesClient client;

  StatusIT(KubernetesClient client) {
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

  @Test
  void shouldKeepStatusApartFromSpec() {
    GenericKubernetesResource withStatus = MANIFEST.with("/status", "{restarts: 9}").resource();
    client.resource(withStatus).inNamespace("default").update();
    assertNull(stored().getStatus());
  }

  @Test
  void shouldGiveBackTheStatusThatWasWritten() {
    MegalodonTrainingJobStatus written = fullStatus();
    writeStatus(written);
    assertEquals(written, stored().getStatus());
    assertEquals(1, stored().getMetadata().getGeneration());
  }

  @Test
  void shouldMergeConditionsByType() {
    writeStatus(fullStatus());
    var patch = MANIFEST.without("/spec").with("/status", "{}");
    client
        .resource(
            patch
                .with(
                    "/status/conditions",
                    "[{type: Stalled, status: 'False', reason: Moving, message: '',"
                        + " lastTransitionTime: '2026-01-01T00:00:00Z'}]")
                .resource())
        .inNamespace("default")
        .subresource("status")
        .patch(apply("another"));
    assertEquals(
        List.of("Running", "Stalled"),
        Objects.requireNonNull(stored().getStatus().conditions()).stream()
            .map(Condition::type)
            .sorted()
            .toList());
  }

  @Test
  void shouldShowTheColumnsThatPeopleLookFor(ApiServer server)
      throws IOException, InterruptedException {
    writeStatus(fullStatus());
    List<String> lines = kubectl(server, "get", "mtj", "watched");
    assertEquals(
        List.of(
            "NAME", "PHASE", "STEP", "%", "LOSS", "TOK/S", "ETA", "RESTARTS", "CHECKPOINT", "AGE"),
        List.of(lines.get(0).trim().split("\\s+")));
    List<String> row = List.of(lines.get(1).trim().split("\\s+"));
    assertEquals(
        List.of("watched", "Running", "120/400", "30", "2.1234", "3071", "4m10s", "1", "100"),
        row.subList(0, 9));
  }

  @Test
  void shouldBeListedAmongAllAndExplained(ApiServer server)
      throws IOException, InterruptedException {
    assertTrue(kubectl(server, "get", "all").toString().contains("megalodontrainingjob"));
    assertTrue(
        kubectl(server, "explain", "mtj.spec.checkpoint.graceSeconds")
            .toString()
            .contains("Seconds a worker has to save and leave"));
  }

  private void writeStatus(MegalodonTrainingJobStatus status) {
    MegalodonTrainingJob job = new MegalodonTrainingJob();
    job.getMetadata().setName("watched");
    job.setStatus(status);
    client.resource(job).inNamespace("default").subresource("status").patch(apply("operator"));
  }

  private static PatchContext apply(String manager) {
    return new PatchContext.Builder()
        .withPatchType(PatchType.SERVER_SIDE_APPLY)
        .withFieldManager(manager)
        .build();
  }

  private static MegalodonTrainingJobStatus fullStatus() {
    String time = "2026-01-01T00:00:00Z";
    return new MegalodonTrainingJobStatus(
        1L,
        JobPhase.RUNNING,
        List.of(new Condition("Running", Condition.Status.TRUE, "Training", "", time, 1L)),
        time,
        time,
        new WorkerCounts(3, 3),
        "training.megalodon.dev/job-name=watched",
        new TrainingProgress(120, 400, "120/400", 30, 368_640, 2.1234, 2.2, 5.6, 3071.25, "4m10s"),
        new CheckpointStatus(100, "default/watched-1234abcd/1.1-100", "sha256:00", time),
        1,
        new BudgetStatus(1, 118, 4L),
        4L,
        3,
        List.of(
            new AttemptStatus(
                1,
                2,
                "WorkerFailed",
                "killed",
                137,
                true,
                time,
                time,
                time,
                20L,
                AttemptStatus.ResumedFrom.LIVE,
                0.5,
                8.1)),
        List.of(
            new RankStatus(0, 1, "watched-0-1", null, null), new RankStatus(1, 4, null, 1, time)),
        List.of(new StragglerStatus(2, 3.1, 0.75)),
        new TimeStatus(12.5, 3.5, time),
        93);
  }

  private static List<String> kubectl(ApiServer server, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(server.programs().program("kubectl").toString());
    command.add("--kubeconfig=" + server.kubeconfig());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output.lines().toList();
  }

  private Resource<GenericKubernetesResource> job(Manifest manifest) {
    return client.resource(manifest.resource()).inNamespace("default");
  }

  private MegalodonTrainingJob stored() {
    return client
        .resources(MegalodonTrainingJob.class)
        .inNamespace("default")
        .withName("watched")
        .require();
  }
}
