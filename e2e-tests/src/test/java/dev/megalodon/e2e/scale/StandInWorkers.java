package dev.megalodon.e2e.scale;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.WorkerPorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Answers for the workers of pods that do not exist: a program of its own, since it runs in a
 * node's network. Standard input tells whom it plays: {@code ADDRESS JOB-UID RANK INCARNATION} adds
 * a worker, {@code train} has all of them make a step with each answer, {@code rest} none.
 */
final class StandInWorkers {
  private static final int TOTAL_STEPS = 1_000_000;

  private final JsonMapper json = new JsonMapper();
  private final Map<String, Worker> workers = new ConcurrentHashMap<>();
  private volatile boolean training;

  private record Worker(String jobUid, int rank, long incarnation, AtomicLong step) {}

  private StandInWorkers() {}

  /** Runs until standard input ends. */
  public static void main(String[] arguments) throws IOException {
    StandInWorkers all = new StandInWorkers();
    HttpServer server = HttpServer.create(new InetSocketAddress(WorkerPorts.HTTP), 1024);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/progress", all::answer);
    server.start();
    try (var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      input.lines().forEach(all::hear);
    }
    server.stop(0);
    System.exit(0);
  }

  private void hear(String line) {
    String[] words = line.split(" ");
    if (words.length == 4) {
      workers.put(
          words[0],
          new Worker(
              words[1], Integer.parseInt(words[2]), Long.parseLong(words[3]), new AtomicLong(1)));
    } else {
      training = line.equals("train");
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String address = exchange.getLocalAddress().getAddress().getHostAddress();
      Worker worker = workers.get(address);
      if (worker == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      byte[] body = json.writeValueAsBytes(progress(worker));
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private Progress progress(Worker worker) {
    long step = training ? worker.step().incrementAndGet() : worker.step().get();
    return new Progress(
        worker.jobUid(),
        worker.rank(),
        worker.incarnation(),
        Progress.Phase.TRAINING,
        1,
        step,
        TOTAL_STEPS,
        512 * step,
        6.0 / step,
        null,
        null,
        48_200.0,
        TOTAL_STEPS - step,
        null,
        null,
        null,
        null,
        0,
        "training",
        null,
        null,
        List.of(),
        List.of());
  }
}
