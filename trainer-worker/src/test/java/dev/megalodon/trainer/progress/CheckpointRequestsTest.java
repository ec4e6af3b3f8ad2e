package dev.megalodon.trainer.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.trainer.parallel.HandTicker;
import dev.megalodon.trainer.parallel.Traffic;
import dev.megalodon.trainer.progress.CheckpointRequests.Answer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CheckpointRequestsTest {
  private final HandTicker ticker = new HandTicker();
  private final CheckpointRequests requests = new CheckpointRequests(ticker);

  @Test
  void shouldGrantTheStepUnderWay() {
    requests.trainingFrom(12);
    assertEquals(new Answer.Granted(13), requests.ask());
    assertTrue(requests.askedAfter(13));
  }

  @Test
  void shouldNotPromiseAStepWhoseEndHasBeenDecidedOn() {
    requests.trainingFrom(12);
    assertFalse(requests.askedAfter(13));
    assertEquals(new Answer.Granted(14), requests.ask());
    requests.served(13);
    assertTrue(
        requests.askedAfter(14), "a checkpoint of an earlier step is not what was asked for");
  }

  @Test
  void shouldRefuseWhileNothingTrains() {
    assertInstanceOf(Answer.NotTraining.class, requests.ask());
    requests.trainingFrom(3);
    requests.notTraining();
    assertInstanceOf(Answer.NotTraining.class, requests.ask());
  }

  @Test
  void shouldTakeOneAtATimeAndPauseAfterIt() {
    requests.trainingFrom(0);
    assertEquals(new Answer.Granted(1), requests.ask());
    ticker.pass(CheckpointRequests.PAUSE.multipliedBy(2));
    assertInstanceOf(Answer.TooSoon.class, requests.ask(), "one is open, however old");
    assertTrue(requests.askedAfter(1));
    requests.served(1);
    assertEquals(new Answer.Granted(2), requests.ask());
    assertTrue(requests.askedAfter(2));
    requests.served(2);
    ticker.pass(CheckpointRequests.PAUSE.minusNanos(1));
    assertInstanceOf(Answer.TooSoon.class, requests.ask());
    ticker.pass(Duration.ofNanos(1));
    assertEquals(new Answer.Granted(3), requests.ask());
  }

  @Test
  void shouldKeepWhatALossInterrupted() {
    requests.trainingFrom(12);
    requests.ask();
    assertTrue(requests.askedAfter(13));
    requests.notTraining();
    requests.trainingFrom(8);
    assertFalse(requests.askedAfter(9), "not before the step that was promised");
    assertTrue(requests.askedAfter(13));
    requests.served(13);
    assertFalse(requests.askedAfter(14));
  }

  @Test
  void shouldAnswerOverHttp() throws Exception {
    requests.trainingFrom(12);
    HttpResponse<String> granted = request("POST", "/checkpoint");
    assertEquals(202, granted.statusCode());
    assertEquals(13, json(granted).get("afterStep").asLong());
    assertStatus(429, "TooManyRequests", request("POST", "/checkpoint"));
    requests.served(13);
    requests.notTraining();
    assertStatus(503, "ServiceUnavailable", request("POST", "/checkpoint"));
    assertEquals(405, request("GET", "/checkpoint").statusCode());
    assertEquals(404, request("POST", "/checkpoint/more").statusCode());
  }

  private static void assertStatus(int code, String reason, HttpResponse<String> answer)
      throws Exception {
    assertEquals(code, answer.statusCode());
    assertEquals("Status", json(answer).get("kind").asText());
    assertEquals("Failure", json(answer).get("status").asText());
    assertEquals(reason, json(answer).get("reason").asText());
    assertFalse(json(answer).get("message").asText().isEmpty());
  }

  private static JsonNode json(HttpResponse<String> answer) throws Exception {
    return JsonMapper.builder().build().readTree(answer.body());
  }

  private HttpResponse<String> request(String method, String path) throws Exception {
    ProgressBoard board = new ProgressBoard("uid", 0, 7, 300);
    try (ProgressServer server =
            ProgressServer.start(0, board, new WorkerMetrics(board, "trial", new Traffic()));
        HttpClient client = HttpClient.newHttpClient()) {
      server.offer(requests);
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
              .method(method, HttpRequest.BodyPublishers.ofString("{}"))
              .timeout(Duration.ofSeconds(20))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }
}
