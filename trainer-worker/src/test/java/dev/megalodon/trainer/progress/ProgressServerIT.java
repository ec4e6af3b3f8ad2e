package dev.megalodon.trainer.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.Progress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressServerIT {
  private final ProgressBoard board = new ProgressBoard("uid", 2, 7, 300);
  private final WorkerMetrics metrics = new WorkerMetrics(board);

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
  void shouldGiveMetrics() throws Exception {
    board.update(edit -> edit.step(11, 1_100, 2.5));
    metrics.step(Duration.ofMillis(250));
    metrics.epoch();
    String text = get("/metrics").body();
    assertTrue(text.contains("megalodon_step{rank=\"2\"} 11.0"), text);
    assertTrue(text.contains("megalodon_loss{rank=\"2\"} 2.5"), text);
    assertTrue(text.contains("megalodon_tokens_total{rank=\"2\"} 1100.0"), text);
    assertTrue(text.contains("megalodon_step_duration_seconds_sum{rank=\"2\"} 0.25"), text);
    assertTrue(text.contains("megalodon_epochs_total{rank=\"2\"} 1.0"), text);
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
