package dev.megalodon.e2e.dashboard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import dev.megalodon.crds.contract.Curve;
import dev.megalodon.crds.contract.WorkerPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Rank 0 of a job that is not trained: tells a curve such as real ones are. */
final class FakeWorker implements AutoCloseable {
  /** An address of the loopback that is like a pod's: others may use port 8080 of 127.0.0.1. */
  static final String ADDRESS = "127.21.8.9";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long TOKENS_PER_SECOND = 48_200;

  private final HttpServer server;
  private volatile Curve curve;

  private FakeWorker(HttpServer server, Curve curve) {
    this.server = server;
    this.curve = curve;
  }

  /** Tells of this many steps, of which each took a second, the last of them just now. */
  static FakeWorker telling(String jobUid, int steps, long now) {
    try {
      HttpServer server = HttpServer.create(new InetSocketAddress(ADDRESS, WorkerPorts.HTTP), 16);
      FakeWorker worker = new FakeWorker(server, curve(jobUid, steps, now));
      server.createContext(
          "/curve",
          exchange -> {
            try (exchange) {
              String since = exchange.getRequestURI().getQuery().replace("since=", "");
              byte[] body = worker.json(Long.parseLong(since)).getBytes(StandardCharsets.UTF_8);
              exchange.sendResponseHeaders(200, body.length);
              exchange.getResponseBody().write(body);
            }
          });
      server.start();
      return worker;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on tells of more steps. */
  void trainTo(int steps, long now) {
    curve = curve(curve.jobUid(), steps, now);
  }

  private String json(long since) throws JsonProcessingException {
    return JSON.writeValueAsString(curve.since(since));
  }

  private static Curve curve(String jobUid, int steps, long now) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
    List<Long> step = new ArrayList<>();
    List<Long> time = new ArrayList<>();
    List<Double> loss = new ArrayList<>();
    List<Double> norm = new ArrayList<>();
    List<Double> speed = new ArrayList<>();
    List<Long> heldOutStep = new ArrayList<>(List.of(0L));
    List<Double> heldOutLoss = new ArrayList<>(List.of(6.236));
    for (long at = 1; at <= steps; at++) {
      step.add(at);
      time.add(now - 1_000 * (steps - at));
      loss.add(expected(at) + 0.05 * random.nextGaussian());
      norm.add(0.35 + 1.6 * Math.exp(-at / 40.0) + 0.09 * Math.abs(random.nextGaussian()));
      speed.add(at == 1 ? Double.NaN : TOKENS_PER_SECOND * (1 + 0.03 * random.nextGaussian()));
      if (at % 25 == 0) {
        heldOutStep.add(at);
        heldOutLoss.add(expected(at) * 0.985 + 0.02);
      }
    }
    return new Curve(
        jobUid,
        0,
        1,
        0,
        step,
        time,
        loss,
        norm,
        speed,
        heldOutStep,
        heldOutLoss,
        checkpoints(steps));
  }

  private static double expected(long step) {
    return 1.25 + 4.6 * Math.exp(-step / 52.0) + 0.35 * Math.exp(-step / 240.0);
  }

  private static List<Curve.Checkpoint> checkpoints(long steps) {
    List<Curve.Checkpoint> all = new ArrayList<>();
    for (long at = 50; at <= steps; at += 50) {
      all.add(
          new Curve.Checkpoint(
              at, "2026-01-01T00:00:00Z", "research/long/00000001.0001-%010d".formatted(at), 0.84));
    }
    return all;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
