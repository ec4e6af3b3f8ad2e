package dev.megalodon.operator.controller;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.metrics.MetricsTable;
import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.testing.PodController;
import dev.megalodon.operator.testing.TestJobs;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.kubernetes.client.WithKubernetesTestServer;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the operator exports after a job that was hurt and one that failed. */
@QuarkusTest
@WithKubernetesTestServer
class MetricsEndpointTest {
  private static final long LIMIT_SECONDS = 120;
  private static final String NAMESPACE = "default";
  private static final String NOTHING = "";

  @Inject KubernetesClient client;

  private PodController controller;

  @BeforeEach
  void startController() {
    controller = new PodController(client, false);
  }

  @AfterEach
  void removeEverything() {
    controller.close();
    client.resources(MegalodonTrainingJob.class).inNamespace(NAMESPACE).delete();
    client.pods().inNamespace(NAMESPACE).withGracePeriod(0).delete();
  }

  @Test
  void shouldExportWhatTheTableSaysAndForgetJobsThatAreGone() throws IOException {
    submit("hopeless");
    submit("measured");
    await("hopeless", JobPhase.RUNNING);
    await("measured", JobPhase.RUNNING);
    end("hopeless-1-2", 66, "Error");
    end("measured-1-2", 137, "OOMKilled");
    await("hopeless", JobPhase.FAILED);
    MetricsTable table = MetricsTable.read(Path.of("METRICS.md"), "Operator", Set.of());
    awaitScrape(text -> String.join("\n", table.problems(text)));
    assertTrue(scrape().contains("megalodon_leader 1.0"));
    assertTrue(scrape().contains("megalodon_jobs_failed_total{reason=\"MissingInput\"} "));
    assertTrue(scrape().contains("resource=\"pods\",verb=\"create\"} "), scrape());

    String own = "megalodon_job_goodput{name=\"measured\",namespace=\"default\"}";
    awaitScrape(text -> text.contains(own) ? NOTHING : own + " is missing");
    client
        .resources(MegalodonTrainingJob.class)
        .inNamespace(NAMESPACE)
        .withName("measured")
        .delete();
    awaitScrape(text -> text.contains(own) ? own + " is still there" : NOTHING);
  }

  private void submit(String name) {
    MegalodonTrainingJob job = TestJobs.job();
    job.getMetadata().setName(name);
    job.getMetadata().setUid("uid-of-" + name);
    client.resource(job).create();
  }

  private void end(String pod, int exitCode, String reason) {
    controller.end(
        client.pods().inNamespace(NAMESPACE).withName(pod).get(), exitCode, reason, "a message");
  }

  private void await(String name, JobPhase phase) {
    client
        .resources(MegalodonTrainingJob.class)
        .inNamespace(NAMESPACE)
        .withName(name)
        .waitUntilCondition(
            job -> job != null && job.getStatus() != null && job.getStatus().phase() == phase,
            LIMIT_SECONDS,
            TimeUnit.SECONDS);
  }

  /** Waits until a scrape has no problem any more. */
  private void awaitScrape(Function<String, String> problem) throws IOException {
    Instant limit = Instant.now().plusSeconds(LIMIT_SECONDS);
    String text = scrape();
    while (!problem.apply(text).equals(NOTHING)) {
      if (Instant.now().isAfter(limit)) {
        throw new AssertionError(problem.apply(text) + " in\n" + text);
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      text = scrape();
    }
  }

  private String scrape() throws IOException {
    URI server = ConfigProvider.getConfig().getValue("test.url", URI.class);
    try (InputStream text = server.resolve("/q/metrics").toURL().openStream()) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
