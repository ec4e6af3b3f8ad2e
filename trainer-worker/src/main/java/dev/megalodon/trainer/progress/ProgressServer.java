package dev.megalodon.trainer.progress;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Answers {@code /progress} (JSON), {@code /metrics} (Prometheus), {@code /healthz} and {@code
 * /readyz}. Ready means that this process listens, whatever training does: peers need its address
 * before it can train.
 */
public final class ProgressServer implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int BACKLOG = 16;

  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().daemon().name("http-", 0).factory());

  /** Produces a body. */
  @FunctionalInterface
  private interface Body {
    byte[] bytes() throws IOException;
  }

  private ProgressServer(HttpServer server) {
    this.server = server;
  }

  /**
   * Listens on all addresses.
   *
   * @param port 0 for any that is free
   * @throws IOException when the port cannot be had
   */
  public static ProgressServer start(int port, ProgressBoard board, WorkerMetrics metrics)
      throws IOException {
    ProgressServer result =
        new ProgressServer(HttpServer.create(new InetSocketAddress(port), BACKLOG));
    result.serve("/progress", "application/json", () -> utf8(ProgressJson.write(board.answer())));
    result.serve(
        "/metrics", "text/plain; version=0.0.4; charset=utf-8", () -> utf8(metrics.scrape()));
    result.serve("/healthz", "text/plain", () -> utf8("ok\n"));
    result.serve("/readyz", "text/plain", () -> utf8("ok\n"));
    result.server.setExecutor(result.threads);
    result.server.start();
    return result;
  }

  /** Answers {@code POST /checkpoint} too, from now on. */
  public void offer(CheckpointRequests requests) {
    server.createContext(CheckpointEndpoint.PATH, new CheckpointEndpoint(requests));
  }

  /** The port it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  private void serve(String path, String contentType, Body body) {
    server.createContext(path, exchange -> answer(exchange, path, contentType, body));
  }

  private static void answer(HttpExchange exchange, String path, String contentType, Body body)
      throws IOException {
    try (exchange) {
      if (!exchange.getRequestURI().getPath().equals(path)) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      byte[] bytes = body.bytes();
      exchange.getResponseHeaders().set("Content-Type", contentType);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
  }
}
