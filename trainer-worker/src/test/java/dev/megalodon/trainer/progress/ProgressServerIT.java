package dev.megalodon.trainer.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.Curve;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.RankTimes;
import dev.megalodon.crds.contract.Recovery;
import dev.megalodon.trainer.parallel.PhaseTimes;
import dev.megalodon.trainer.parallel.TimedPhase;
import dev.megalodon.trainer.parallel.Traffic;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProgressServerIT {
  private final ProgressBoard board = new ProgressBoard("uid", 2, 7, 300);
  private final Traffic traffic = new Traffic();
  private final WorkerMetrics metrics = new WorkerMetrics(board, "story", traffic);

  @Test
  void shouldAnswerWithTheContractsRecord() throws Exception {
    board.update(
        edit -> edit.epoch(5, 10, 1_000).step(11, 1_100, 2.5).speed(50.5, 70.2).message("going"));
    String json = get("/progress").body();
    assertFalse(json.contains("null"), json);
    assertEquals(board.current(), JsonMapper.builder().build().readValue(json, Progress.class));
  }

  @Test
  void shouldLeaveOutWhatIsNotKnown() throws Exception {
    String json = get("/progress").body();
    assertFalse(json.contains("loss"), json);
    assertTrue(json.contains("\"phase\":\"STARTING\""), json);
  }

  @Test
  void shouldLookUpVitalsWhenItIsAsked() throws Exception {
    AtomicLong questions = new AtomicLong();
    board.observe(new CountedVitals(questions));
    assertEquals(1, progress().absent().getFirst().seconds());
    Progress second = progress();
    assertEquals(2, second.absent().getFirst().seconds());
    assertEquals(List.of(new RankTimes(1, 0.75, 0.5)), second.ranks());
    assertEquals(List.of(), board.current().absent());
    String text = get("/metrics").body();
    assertTrue(
        text.contains("megalodon_step_compute_seconds{job_name=\"story\",rank=\"2\"} 0.75"), text);
    assertTrue(
        text.contains("megalodon_step_wait_seconds{job_name=\"story\",rank=\"2\"} 0.5"), text);
  }

  /** One rank is absent, for as many seconds as there were questions. */
  private record CountedVitals(AtomicLong questions) implements Vitals {
    @Override
    public List<AbsentRank> absent() {
      long asked = questions.incrementAndGet();
      return List.of(new AbsentRank(1, 3, AbsentRank.Cause.SILENT, "rank 1 was silent", asked));
    }

    @Override
    public List<RankTimes> ranks() {
      return own().stream().toList();
    }

    @Override
    public Optional<RankTimes> own() {
      return Optional.of(new RankTimes(1, 0.75, 0.5));
    }
  }

  @Test
  void shouldKeepLastWordsWithinTheirBound() throws Exception {
    List<RankTimes> ranks =
        IntStream.range(0, Progress.MOST_RANKS)
            .mapToObj(rank -> new RankTimes(rank, 1 / 3.0, 2 / 3.0))
            .toList();
    String longText = "é".repeat(3_000);
    board.update(edit -> edit.step(11, 1_100, 2.5).ranks(ranks));
    Progress fits = lastWords(TerminationMessage.LONGEST);
    assertEquals(board.current(), fits);
    assertEquals(List.of(), lastWords(1_000).ranks());
    board.update(
        edit ->
            edit.message(longText)
                .checkpointFailure(longText)
                .recovery(
                    new Recovery(
                        longText, Recovery.Source.LIVE, 1, null, "opened", "loaded", null)));
    Progress shortened = lastWords(TerminationMessage.LONGEST);
    assertEquals(11, shortened.step());
    assertEquals(longText.substring(0, 400) + "…", shortened.message());
  }

  private Progress lastWords(int bytes) throws IOException {
    String json = ProgressJson.writeWithin(bytes, board.current());
    assertTrue(json.getBytes(StandardCharsets.UTF_8).length <= bytes, json);
    return JsonMapper.builder().build().readValue(json, Progress.class);
  }

  private Progress progress() throws Exception {
    return JsonMapper.builder().build().readValue(get("/progress").body(), Progress.class);
  }

  @Test
  void shouldGiveMetrics() throws Exception {
    board.update(edit -> edit.step(11, 1_100, 2.5));
    metrics.step(new StepNumbers(times(100, 150), 100, 0.5, 0.001));
    metrics.epoch();
    metrics.recovered(Recovery.Source.LIVE);
    metrics.checkpointWritten(30);
    metrics.checkpoint(Duration.ofSeconds(2), 90);
    traffic.sent(1_000);
    traffic.received(2_000);
    String text = get("/metrics").body();
    assertValue(text, "megalodon_step", "11.0");
    assertValue(text, "megalodon_loss", "2.5");
    assertValue(text, "megalodon_trained_tokens", "1100.0");
    assertValue(text, "megalodon_tokens_total", "100.0");
    assertValue(text, "megalodon_gradient_norm", "0.5");
    assertValue(text, "megalodon_learning_rate", "0.001");
    assertValue(text, "megalodon_step_duration_seconds_sum", "0.25");
    assertValue(text, "megalodon_step_phase_seconds_total", "phase=\"forward\",", "0.1");
    assertValue(text, "megalodon_step_phase_seconds_total", "phase=\"backward\",", "0.15");
    assertValue(text, "megalodon_epochs_total", "1.0");
    assertTrue(text.contains("source=\"live\"} 1.0"), text);
    assertValue(text, "megalodon_checkpoint_size_bytes", "90.0");
    assertValue(text, "megalodon_checkpoint_written_bytes_total", "30.0");
    assertValue(text, "megalodon_checkpoint_duration_seconds_sum", "2.0");
    assertValue(text, "megalodon_network_transmit_bytes_total", "1000.0");
    assertValue(text, "megalodon_network_receive_bytes_total", "2000.0");
  }

  private static PhaseTimes times(long forwardMillis, long backwardMillis) {
    return new PhaseTimes(
        Map.of(
            TimedPhase.FORWARD,
            Duration.ofMillis(forwardMillis).toNanos(),
            TimedPhase.BACKWARD,
            Duration.ofMillis(backwardMillis).toNanos()));
  }

  private static void assertValue(String text, String name, String value) {
    assertValue(text, name, "", value);
  }

  private static void assertValue(String text, String name, String label, String value) {
    String line = "%s{job_name=\"story\",%srank=\"2\"} %s".formatted(name, label, value);
    assertTrue(text.lines().anyMatch(line::equals), line + " is not in\n" + text);
  }

  @Test
  void shouldTellTheCurveFromAStepOn() throws Exception {
    for (long step = 1; step <= 5; step++) {
      board.curve().step(new TrainingCurve.Point(step, 1_000 * step, 2.5, 1, 100));
    }
    assertEquals(List.of(1L, 2L, 3L, 4L, 5L), curve("/curve").step());
    assertEquals(List.of(4L, 5L), curve("/curve?since=3").step());
    assertEquals(List.of(), curve("/curve?since=5").step());
    assertEquals(5, curve("/curve?since=later").step().size());
    assertEquals(2, curve("/curve").rank());
    assertEquals(404, get("/curve/more").statusCode());
  }

  private Curve curve(String path) throws Exception {
    return JsonMapper.builder().build().readValue(get(path).body(), Curve.class);
  }

  @Test
  void shouldBeHealthyAndReadyAsSoonAsItListens() throws Exception {
    assertEquals(200, get("/healthz").statusCode());
    assertEquals(200, get("/readyz").statusCode());
    assertEquals(404, get("/progress/more").statusCode());
    assertEquals(404, get("/").statusCode());
  }

  private HttpResponse<String> get(String path) throws Exception {
    try (ProgressServer server = ProgressServer.start(0, board, metrics);
        HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://localhost:" + server.port() + path);
      HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build();
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }
}
