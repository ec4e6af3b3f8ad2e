package dev.megalodon.operator.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.operator.testing.TestJobs;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.kubernetes.client.WithKubernetesTestServer;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the page is made from, for jobs that this operator does not touch: somebody else's. */
@QuarkusTest
@WithKubernetesTestServer
class DashboardApiTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String NAMESPACE = "watched";

  @Inject KubernetesClient client;
  @Inject FakeCurves workers;

  // Quarkus fills it in.
  @SuppressWarnings("NullAway.Init")
  @TestHTTPResource("/")
  URI server;

  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void removeEverything() {
    client.resources(MegalodonTrainingJob.class).inNamespace(NAMESPACE).delete();
    client.pods().inNamespace(NAMESPACE).withGracePeriod(0).delete();
    http.close();
  }

  @Test
  void shouldListJobsWithWhatTheirStatusSays() throws Exception {
    submit("older", running(30, 3.5));
    submit("younger", "{\"phase\": \"Pending\"}");
    JsonNode older = await("/api/jobs", all -> named(all, "older").isPresent(), "older");
    assertEquals("Running", older.get("phase").asText());
    assertEquals(30, older.at("/progress/step").asInt());
    assertEquals(3.5, older.at("/losses/0/loss").asDouble());
    assertFalse(older.has("completionTime"));
    report("older", running(60, 2.5));
    older =
        await(
            "/api/jobs",
            all -> named(all, "older").filter(job -> job.get("losses").size() == 2).isPresent(),
            "older");
    assertEquals(2.5, older.at("/losses/1/loss").asDouble());
    JsonNode younger = await("/api/jobs", all -> named(all, "younger").isPresent(), "younger");
    assertEquals("Pending", younger.get("phase").asText());
  }

  @Test
  void shouldTellAllOfAJobButItsPodTemplate() throws Exception {
    MegalodonTrainingJob job = TestJobs.job();
    job.setSpec(
        TestJobs.with(
            job.getSpec(),
            "worker.template",
            Map.of(
                "spec",
                Map.of(
                    "containers",
                    List.of(
                        Map.of(
                            "name",
                            "worker",
                            "env",
                            List.of(Map.of("name", "TOKEN", "value", "hunter2"))))))));
    submit("whole", job, running(30, 3.5));
    JsonNode whole = await("/api/jobs/watched/whole", found -> found.has("status"), "");
    assertEquals(30, whole.at("/status/progress/step").asInt());
    assertEquals("Running", whole.at("/status/conditions/0/type").asText());
    assertEquals(300, whole.at("/spec/training/steps").asInt());
    assertEquals("checkpoints", whole.at("/spec/checkpointClaim").asText());
    assertFalse(whole.toString().contains("hunter2"), "a secret of the template is shown");
    assertFalse(whole.toString().contains("template"), whole.toString());
  }

  @Test
  void shouldPassOnACurveAndKeepItWhenTheWorkersAreGone() throws Exception {
    startRankZero("curved", "10.1.2.3");
    String uid = submit("curved", running(30, 3.5));
    workers.tell("10.1.2.3", SampleCurves.upTo(30, uid, 0));
    String path = "/api/jobs/watched/curved/curve";
    JsonNode whole = await(path, found -> found.at("/curve/step").size() == 30, "");
    assertTrue(whole.get("live").asBoolean());
    assertEquals("NaN", whole.at("/curve/tokensPerSecond/0").asText());
    workers.tell("10.1.2.3", SampleCurves.upTo(40, uid, 0));
    JsonNode news =
        await(path + "?since=30&revision=1.0", found -> found.at("/curve/step").size() == 10, "");
    assertEquals(31, news.at("/curve/step/0").asInt());
    JsonNode other = json(get(path + "?since=30&revision=1.7").body());
    assertEquals(40, other.at("/curve/step").size(), "what the asker has is no longer so");
    workers.silence("10.1.2.3");
    report("curved", "{\"phase\": \"Complete\"}");
    JsonNode over = await(path, found -> !found.get("live").asBoolean(), "");
    assertEquals(40, over.at("/curve/step").size());
  }

  @Test
  void shouldNotBelieveAnotherJobsWorker() throws Exception {
    startRankZero("mistaken", "10.1.2.4");
    workers.tell("10.1.2.4", SampleCurves.upTo(30, "uid-of-another", 0));
    submit("mistaken", running(30, 3.5));
    JsonNode answer =
        await("/api/jobs/watched/mistaken/curve", found -> found.get("live").asBoolean(), "");
    assertFalse(answer.has("curve"), answer.toString());
  }

  @Test
  void shouldSayThatAJobIsNotThere() throws Exception {
    await("/api/jobs", JsonNode::isArray, "");
    for (String path : List.of("/api/jobs/watched/absent", "/api/jobs/watched/absent/curve")) {
      HttpResponse<String> answer = get(path);
      assertEquals(404, answer.statusCode());
      assertEquals(
          "there is no job absent in namespace watched",
          json(answer.body()).get("message").asText());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
  void shouldOnlyBeRead(String method) throws Exception {
    for (String path : List.of("/", "/api/jobs", "/api/jobs/watched/some")) {
      HttpRequest request =
          HttpRequest.newBuilder(server.resolve(path))
              .method(method, HttpRequest.BodyPublishers.ofString("{}"))
              .build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertEquals(405, answer.statusCode(), method + " " + path);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/app/main.js", "/style/base.css", "/favicon.svg", "/api/jobs"})
  void shouldTellTheBrowserToTrustNothingElse(String path) throws Exception {
    await("/api/jobs", JsonNode::isArray, "");
    HttpResponse<String> answer = get(path);
    assertEquals(200, answer.statusCode());
    String policy = answer.headers().firstValue("Content-Security-Policy").orElse("");
    assertTrue(policy.contains("default-src 'self'"), policy);
    assertTrue(policy.contains("frame-ancestors 'none'"), policy);
    assertEquals(
        List.of("nosniff"), answer.headers().allValues("X-Content-Type-Options"), "of " + path);
    assertEquals(List.of("no-store"), answer.headers().allValues("Cache-Control"), "of " + path);
    assertEquals(List.of(), answer.headers().allValues("Set-Cookie"));
    assertEquals(List.of(), answer.headers().allValues("Access-Control-Allow-Origin"));
  }

  @Test
  void shouldBeThereForTheLoopbackAlone() throws Exception {
    InetAddress outside = outsideAddress();
    HttpRequest request =
        HttpRequest.newBuilder(
                new URI("http", null, outside.getHostAddress(), server.getPort(), "/", null, null))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(403, answer.statusCode());
    assertEquals("the dashboard is for kubectl port-forward only\n", answer.body());
    URI health = request.uri().resolve("/q/health/live");
    assertEquals(
        200,
        http.send(HttpRequest.newBuilder(health).build(), HttpResponse.BodyHandlers.discarding())
            .statusCode(),
        "the kubelet asks from outside");
  }

  @Test
  void shouldNotAnswerToTheNameOfAnotherSite() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET /api/jobs HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertTrue(answer.startsWith("HTTP/1.1 403 "), answer);
    }
  }

  private static InetAddress outsideAddress() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
        .findFirst()
        .orElseThrow(() -> new AssertionError("this machine has no address but its loopback"));
  }

  private static String running(long step, double loss) {
    return """
        {"phase": "Running", "ranks": [{"rank": 0, "incarnation": 1, "pod": "%s"}],
         "conditions": [{"type": "Running", "status": "True", "reason": "StepsMade",
           "message": "steps are being made", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
         "progress": {"step": %d, "totalSteps": 300, "stepOfTotal": "%d/300", "percent": 10,
           "tokens": 1, "loss": %s}}
        """
        .formatted("%s-0-1", step, step, loss);
  }

  /** Returns the UID of the job. */
  private String submit(String name, String status) {
    return submit(name, TestJobs.job(), status);
  }

  private String submit(String name, MegalodonTrainingJob job, String status) {
    job.setSpec(TestJobs.with(job.getSpec(), "managedBy", "test.megalodon.dev/nobody"));
    job.getMetadata().setName(name);
    job.getMetadata().setNamespace(NAMESPACE);
    job.getMetadata().setUid("uid-of-" + name);
    String uid = client.resource(job).create().getMetadata().getUid();
    report(name, status);
    return uid;
  }

  private void report(String name, String status) {
    var job = client.resources(MegalodonTrainingJob.class).inNamespace(NAMESPACE).withName(name);
    job.editStatus(
        known -> {
          known.setStatus(
              Serialization.unmarshal(status.formatted(name), MegalodonTrainingJobStatus.class));
          return known;
        });
  }

  private void startRankZero(String job, String address) {
    String name = job + "-0-1";
    client
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .build())
        .create();
    client
        .pods()
        .inNamespace(NAMESPACE)
        .withName(name)
        .editStatus(pod -> pod.edit().editOrNewStatus().withPodIP(address).endStatus().build());
  }

  private static Optional<JsonNode> named(JsonNode all, String name) {
    return all.valueStream().filter(job -> job.path("name").asText().equals(name)).findFirst();
  }

  /** Caches follow the API server: asks until the answer is so; then that of one job in a list. */
  private JsonNode await(String path, Predicate<JsonNode> holds, String name) throws Exception {
    Instant end = Instant.now().plus(LIMIT);
    HttpResponse<String> last = get(path);
    while (last.statusCode() != 200 || !holds.test(json(last.body()))) {
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("waited for another answer than " + last + ": " + last.body());
      }
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      last = get(path);
    }
    JsonNode answer = json(last.body());
    return name.isEmpty() ? answer : named(answer, name).orElseThrow();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(server.resolve(path)).timeout(LIMIT).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode json(String text) throws IOException {
    return JsonMapper.builder().build().readTree(text);
  }
}
