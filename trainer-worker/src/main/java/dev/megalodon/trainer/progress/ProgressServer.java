package dev.megalodon.trainer.progress;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Answers {@code /progress} and {@code /curve?since=STEP} (JSON), {@code /metrics} (Prometheus),
 * {@code /healthz} and {@code /readyz}. Ready means that this process listens, whatever training
 * does: peers need its address before it can train.
 */
public final class ProgressServer implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int BACKLOG = 16;
  private static final Pattern SINCE = Pattern.compile("(?:^|&)since=([0-9]{1,18})(?:&|$)");

  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().daemon().name("http-", 0).factory());

  /** Produces a body. */
  @FunctionalInterface
  private interface Body {
    byte[] bytes(URI asked) throws IOException;
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
    result.serve(
        "/progress", "application/json", asked -> utf8(ProgressJson.write(board.answer())));
    result.serve(
        "/curve",
        "application/json",
        asked -> utf8(ProgressJson.write(board.toldCurve().since(stepAskedFor(asked)))));
    result.serve(
        "/metrics", "text/plain; version=0.0.4; charset=utf-8", asked -> utf8(metrics.scrape()));
    result.serve("/healthz", "text/plain", asked -> utf8("ok\n"));
    result.serve("/readyz", "text/plain", asked -> utf8("ok\n"));
    result.server.setExecutor(result.threads);
    result.server.start();
    return result;
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
      byte[] bytes = body.bytes(exchange.getRequestURI());
      exchange.getResponseHeaders().set("Content-Type", contentType);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** The step of {@code since=STEP}; without one, or with something else, all is asked for. */
  private static long stepAskedFor(URI asked) {
    Matcher since = SINCE.matcher(asked.getQuery() == null ? "" : asked.getQuery());
    return since.find() ? Long.parseLong(since.group(1)) : -1;
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
