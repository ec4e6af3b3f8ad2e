package dev.megalodon.trainer.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.megalodon.trainer.bench.LinePlot.Line;
import dev.megalodon.trainer.parallel.TestNetworks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Step time of all-gather and of the wavefront against the number of ranks and the delay of the
 * network, every rank a process over Aeron: {@code main(workload, steps, output folder)}. Prints a
 * table and writes {@code chunk-exchange.json} and {@code chunk-exchange.svg}.
 */
public final class ChunkExchangeBench {
  private static final List<Integer> RANKS = List.of(1, 2, 4, 8);
  private static final List<Long> DELAYS_MICROS = List.of(0L, 500L, 5_000L);
  private static final List<String> COLORS = List.of("#1b6ca8", "#c0392b", "#2e8b57");
  private static final long BOUND_SECONDS = 180;
  private static final long POLL_MILLIS = 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One point of the plot, with what rank 0 saw. */
  record Point(int ranks, double delayMillis, String delayedBy, RankResult seen) {}

  private final String workload;
  private final int steps;
  private final Path output;

  private ChunkExchangeBench(String workload, int steps, Path output) {
    this.workload = workload;
    this.steps = steps;
    this.output = output;
  }

  /** Measures everything. */
  public static void main(String[] arguments) throws Exception {
    Path output = Files.createDirectories(Path.of(arguments[2]));
    new ChunkExchangeBench(arguments[0], Integer.parseInt(arguments[1]), output).run();
  }

  private void run() throws Exception {
    System.out.printf(
        "%d cores, workload %s, median of %d steps, milliseconds%n",
        Runtime.getRuntime().availableProcessors(), workload, steps);
    System.out.println(
        "ranks  delay  by         message  all-gather (adds, forecast)"
            + "  wavefront (adds, forecast)  auto");
    List<Point> points = new ArrayList<>();
    for (long delay : DELAYS_MICROS) {
      for (int ranks : RANKS) {
        points.add(measure(ranks, delay));
        print(points.getLast(), alone(points, delay));
      }
    }
    JSON.writerWithDefaultPrettyPrinter()
        .writeValue(
            output.resolve("chunk-exchange.json").toFile(),
            Map.of("workload", workload, "steps", steps, "points", points));
    Files.writeString(output.resolve("chunk-exchange.svg"), plot(points));
    System.out.println("written to " + output.toAbsolutePath());
  }

  /** The single rank's result, which says what a step takes without any exchange. */
  private static RankResult alone(List<Point> points, long delayMicros) {
    return points.stream()
        .filter(point -> point.ranks() == 1 && point.delayMillis() == delayMicros / 1e3)
        .findFirst()
        .orElseThrow()
        .seen();
  }

  private Point measure(int ranks, long delayMicros) throws Exception {
    try (RankHosts hosts = NamespaceHosts.create(ranks).orElseGet(LoopbackHosts::new)) {
      boolean byNetwork = hosts.delay(Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(delayMicros)));
      String delayedBy = byNetwork ? "netem" : "transport";
      RankResult seen = run(hosts, ranks, byNetwork ? 0 : delayMicros);
      return new Point(ranks, delayMicros / 1e3, delayMicros == 0 ? "nothing" : delayedBy, seen);
    }
  }

  private RankResult run(RankHosts hosts, int ranks, long heldBackMicros) throws Exception {
    List<String> addresses = IntStream.range(0, ranks).mapToObj(hosts::address).toList();
    List<Integer> ports =
        IntStream.range(0, ranks).mapToObj(rank -> TestNetworks.freePort()).toList();
    List<Path> results =
        IntStream.range(0, ranks)
            .mapToObj(rank -> output.resolve("rank-" + rank + ".json"))
            .toList();
    List<Process> processes = new ArrayList<>();
    try {
      for (int rank = 0; rank < ranks; rank++) {
        String result = results.get(rank).toString();
        RankPlan plan =
            new RankPlan(rank, addresses, ports, heldBackMicros, steps, workload, result);
        processes.add(start(hosts.prefix(rank), plan));
      }
      awaitResults(processes, results);
      for (Process process : processes) {
        process.getOutputStream().close();
        process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS);
      }
      return JSON.readValue(results.getFirst().toFile(), RankResult.class);
    } finally {
      processes.forEach(Process::destroyForcibly);
      for (Path result : results) {
        Files.deleteIfExists(result);
      }
    }
  }

  private static void awaitResults(List<Process> processes, List<Path> results)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    while (!results.stream().allMatch(Files::exists)) {
      if (!processes.stream().allMatch(Process::isAlive) || System.nanoTime() > end) {
        throw new IllegalStateException(
            "a rank failed or took longer than %d s: see above".formatted(BOUND_SECONDS));
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private static Process start(List<String> prefix, RankPlan plan) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            ChunkExchangeRank.class.getName(),
            JSON.writeValueAsString(plan)));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void print(Point point, RankResult alone) {
    RankResult seen = point.seen();
    System.out.printf(
        Locale.ROOT,
        "%5d  %5.1f  %-9s  %7.2f  %10.1f (%6.1f, %6.1f)     %10.1f (%6.1f, %6.1f)     %s%n",
        point.ranks(),
        point.delayMillis(),
        point.delayedBy(),
        seen.latency(),
        seen.allGather(),
        seen.allGather() - alone.allGather(),
        seen.allGatherForecast(),
        seen.wavefront(),
        seen.wavefront() - alone.wavefront(),
        seen.wavefrontForecast(),
        seen.decision());
  }

  private String plot(List<Point> points) {
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < DELAYS_MICROS.size(); i++) {
      double delay = DELAYS_MICROS.get(i) / 1e3;
      List<RankResult> seen =
          points.stream().filter(p -> p.delayMillis() == delay).map(Point::seen).toList();
      String suffix = String.format(Locale.ROOT, ", %.1f ms delay", delay);
      String color = COLORS.get(i);
      lines.add(new Line("all-gather" + suffix, color, false, values(seen, RankResult::allGather)));
      lines.add(new Line("wavefront" + suffix, color, true, values(seen, RankResult::wavefront)));
    }
    return new LinePlot(
            "Time of a step, workload " + workload,
            RANKS.stream().map(String::valueOf).toList(),
            lines)
        .svg("ms", "ranks that share a sequence, each with a slice of equal length");
  }

  private static List<Double> values(List<RankResult> seen, ToDoubleFunction<RankResult> value) {
    return seen.stream().mapToDouble(value).boxed().toList();
  }
}
