package dev.megalodon.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.contract.WorkerEnvironment;
import dev.megalodon.crds.metrics.MetricsTable;
import dev.megalodon.trainer.parallel.TestNetworks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two workers as processes, seen from outside: what they export and what they log. */
class ObservedWorkersIT {
  private static final int RANKS = 2;
  private static final long BOUND_SECONDS = 300;
  private static final Path TABLE = Path.of("../operator/METRICS.md");

  /** The JVM says it before any code of ours runs. */
  private static final String JVM_REMARK = "WARNING: Using incubator modules";

  @TempDir Path folder;
  private final List<WorkerJvm> workers = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    TrialFiles.writeText(folder.resolve("data"));
    Path spec = TrialFiles.writeSpec(folder, RANKS, ".");
    String endless = "\"steps\": %d,".formatted(TrialFiles.STEPS);
    Files.writeString(spec, Files.readString(spec).replace(endless, "\"steps\": 1000000,"));
    Files.writeString(folder.resolve("secret"), "a secret of this test");
    int rendezvous = freePort();
    for (int rank = 0; rank < RANKS; rank++) {
      ports.add(freePort());
      workers.add(start(rank, spec, rendezvous));
    }
  }

  private WorkerJvm start(int rank, Path spec, int rendezvous) throws IOException {
    return WorkerJvm.start(
        folder.resolve("log-" + rank),
        List.of(
            "train",
            "--spec=" + spec,
            "--data=" + folder.resolve("data"),
            "--checkpoints=" + folder.resolve("volume"),
            "--secret=" + folder.resolve("secret"),
            "--termination-message=" + folder.resolve("message-" + rank),
            "--job=story",
            "--rank=" + rank,
            "--world-size=" + RANKS,
            "--incarnation=" + (rank + 1),
            "--rendezvous-port=" + rendezvous,
            "--collectives-port=" + TestNetworks.freePort(),
            "--http-port=" + ports.get(rank)),
        Map.of(WorkerEnvironment.LOG_FORMAT, "json"));
  }

  @AfterEach
  void end() {
    workers.forEach(WorkerJvm::close);
  }

  @Test
  void shouldExportWhatTheTableSaysAndLogWhatProgramsRead() throws Exception {
    awaitMetric(0, "megalodon_checkpoint_duration_seconds_count", 2);
    List<String> scrapes = List.of(scrape(0), scrape(1));
    MetricsTable table = MetricsTable.read(TABLE, "Workers", Set.of("rank", "job_name"));
    scrapes.forEach(scrape -> assertEquals(List.of(), table.problems(scrape), scrape));
    scrapes.forEach(ObservedWorkersIT::checkNumbers);
    assertTrue(value(scrapes.getFirst(), "megalodon_checkpoint_size_bytes") > 10_000);

    workers.forEach(WorkerJvm::terminate);
    for (WorkerJvm worker : workers) {
      assertEquals(ExitCode.LEFT_ON_NOTICE.code(), worker.await(), worker.log());
    }
    for (int rank = 0; rank < RANKS; rank++) {
      checkLog(rank, workers.get(rank).log());
    }
    checkLastWords();
  }

  /** Whom the notice ended nobody can ask any more. */
  private void checkLastWords() throws IOException {
    List<String> words = Files.readAllLines(folder.resolve("message-0"));
    JsonNode progress = new JsonMapper().readTree(words.getLast());
    long step = progress.get("step").asLong();
    assertEquals("left on notice after step " + step, words.getFirst());
    assertEquals(step, progress.get("checkpointStep").asLong(), "it was saved");
  }

  private static void checkNumbers(String scrape) {
    double steps = value(scrape, "megalodon_step_duration_seconds_count");
    assertTrue(steps > 0);
    double time = value(scrape, "megalodon_step_duration_seconds_sum");
    double phases =
        sum(scrape, "megalodon_step_phase_seconds_total\\{job_name=\"story\",phase=\"[a-z]+\",");
    assertEquals(time, phases, 1e-6 * time, "phases add up to steps");
    for (String phase : List.of("data", "forward", "backward", "communication", "optimizer")) {
      assertTrue(sum(scrape, "phase=\"%s\",".formatted(phase)) > 0, phase);
    }
    // Parameters are gathered in every step, half of them from the other rank, in four bytes each.
    double halfOfTheParameters = 4 * 10_000;
    double received = value(scrape, "megalodon_network_receive_bytes_total");
    assertTrue(received > steps * halfOfTheParameters, received + " in " + steps + " steps");
    assertTrue(value(scrape, "megalodon_network_transmit_bytes_total") > 0);
    assertTrue(value(scrape, "megalodon_tensor_memory_bytes") > 100_000);
    assertTrue(value(scrape, "process_resident_memory_bytes") > 10e6);
    assertEquals(1, value(scrape, "megalodon_epochs_total"));
    assertTrue(value(scrape, "megalodon_loss") > 0);
    assertTrue(value(scrape, "megalodon_gradient_norm") > 0);
    assertTrue(value(scrape, "megalodon_learning_rate") > 0);
    assertTrue(value(scrape, "megalodon_checkpoint_written_bytes_total") > 0);
  }

  private static void checkLog(int rank, String log) throws IOException {
    List<String> lines = log.lines().filter(line -> !line.startsWith(JVM_REMARK)).toList();
    JsonNode last = null;
    for (String line : lines) {
      last = JsonMapper.builder().build().readTree(line);
      assertTrue(last.path("timestamp").isTextual(), line);
      assertEquals("local/story", last.path("job").textValue(), line);
      assertEquals(rank, last.path("rank").numberValue(), line);
      assertEquals(rank + 1, last.path("incarnation").numberValue(), line);
      assertTrue(last.path("epoch").isTextual(), line);
      assertTrue(last.path("step").isIntegralNumber(), line);
      assertTrue(last.path("message").isTextual(), line);
    }
    assertTrue(last != null && last.path("step").asLong() >= TrialFiles.CHECKPOINT_EVERY, log);
    assertEquals("2.0", last.path("epoch").textValue(), "incarnation 2 is the highest");
  }

  private static double value(String scrape, String name) {
    return sum(scrape, name + "\\{");
  }

  private static double sum(String scrape, String pattern) {
    Matcher samples = Pattern.compile("(?m)^.*" + pattern + ".* (\\S+)$").matcher(scrape);
    double sum = 0;
    while (samples.find()) {
      sum += Double.parseDouble(samples.group(1));
    }
    return sum;
  }

  private void awaitMetric(int rank, String name, double least) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    double seen = Double.NaN;
    while (!(seen >= least)) {
      assertTrue(
          System.nanoTime() < end,
          String.format(Locale.ROOT, "%s is %f, not %f", name, seen, least));
      assertTrue(workers.get(rank).runs(), workers.get(rank).log());
      Thread.sleep(50);
      seen = tryScrape(rank, name);
    }
  }

  /** NaN as long as nobody listens. */
  private double tryScrape(int rank, String name) throws InterruptedException {
    try {
      return value(scrape(rank), name);
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  private String scrape(int rank) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:%d/metrics".formatted(ports.get(rank)));
      HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
