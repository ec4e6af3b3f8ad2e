package dev.megalodon.trainer.progress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Answers {@code POST /checkpoint}: 202 with {@code {"afterStep": N}}, 429 when there has just been
 * one, 503 while nothing trains. A refusal is an object of kind Status, which kubectl shows to
 * people as it shows the API server's own.
 */
final class CheckpointEndpoint implements HttpHandler {
  static final String PATH = "/checkpoint";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final CheckpointRequests requests;

  CheckpointEndpoint(CheckpointRequests requests) {
    this.requests = requests;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestURI().getPath().equals(PATH)) {
        exchange.sendResponseHeaders(404, -1);
      } else if (!exchange.getRequestMethod().equals("POST")) {
        exchange.getResponseHeaders().set("Allow", "POST");
        exchange.sendResponseHeaders(405, -1);
      } else {
        answer(exchange);
      }
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    switch (requests.ask()) {
      case CheckpointRequests.Answer.Granted granted ->
          send(exchange, 202, Map.of("afterStep", granted.afterStep()));
      case CheckpointRequests.Answer.TooSoon refused ->
          send(exchange, 429, status(429, "TooManyRequests", refused.sentence()));
      case CheckpointRequests.Answer.NotTraining refused ->
          send(exchange, 503, status(503, "ServiceUnavailable", refused.sentence()));
    }
  }

  private static Map<String, Object> status(int code, String reason, String message) {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("kind", "Status");
    status.put("apiVersion", "v1");
    status.put("status", "Failure");
    status.put("message", message);
    status.put("reason", reason);
    status.put("code", code);
    return status;
  }

  private static void send(HttpExchange exchange, int code, Map<String, Object> body)
      throws IOException {
    byte[] bytes = json(body).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String json(Map<String, Object> body) {
    try {
      return JSON.writeValueAsString(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of words and numbers can always be written", e);
    }
  }
}
