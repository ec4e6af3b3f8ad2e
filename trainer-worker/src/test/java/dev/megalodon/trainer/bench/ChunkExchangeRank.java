package dev.megalodon.trainer.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.megalodon.trainer.parallel.ChunkGroup;
import dev.megalodon.trainer.parallel.CollectiveSettings;
import dev.megalodon.trainer.parallel.DelayedNetwork;
import dev.megalodon.trainer.parallel.Endpoint;
import dev.megalodon.trainer.parallel.EpochLinks;
import dev.megalodon.trainer.parallel.Group;
import dev.megalodon.trainer.parallel.Network;
import dev.megalodon.trainer.parallel.Peer;
import dev.megalodon.trainer.parallel.Ticker;
import dev.megalodon.trainer.parallel.aeron.AeronNetwork;
import dev.megalodon.trainer.parallel.aeron.AeronSettings;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.parallel.cost.ExchangeForecast;
import dev.megalodon.trainer.parallel.cost.LinkProbe;
import dev.megalodon.trainer.parallel.cost.LinkSpeed;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One rank of {@link ChunkExchangeBench}: {@code main(plan as JSON)}. Ends when its standard input
 * does.
 */
final class ChunkExchangeRank {
  private static final int PAYLOAD = 1_408;
  private static final int FIRST_SESSION = 1_000;
  private static final int WARM_UP = 4;
  private static final CollectiveSettings PATIENT =
      new CollectiveSettings(Duration.ofSeconds(60), Ticker.SYSTEM);
  private static final ObjectMapper JSON = new ObjectMapper();

  private ChunkExchangeRank() {}

  public static void main(String[] arguments) throws Exception {
    RankPlan plan = JSON.readValue(arguments[0], RankPlan.class);
    AeronSettings settings =
        AeronSettings.forPod(plan.addresses().get(plan.rank()), plan.ports().get(plan.rank()))
            .withMtu(PAYLOAD);
    Duration heldBack = Duration.of(plan.heldBackMicros(), ChronoUnit.MICROS);
    Group group = group(plan);
    try (AeronNetwork aeron = AeronNetwork.launch(settings)) {
      Network network = heldBack.isZero() ? aeron : new DelayedNetwork(aeron, heldBack);
      try (EpochLinks links = new EpochLinks(network.open(group), group, PATIENT)) {
        JSON.writeValue(Path.of(plan.result()).toFile(), measure(plan, links));
        // Peers may still need what this rank sent last: only the bench knows when all are done.
        System.in.transferTo(OutputStream.nullOutputStream());
      }
    }
  }

  private static Group group(RankPlan plan) {
    List<Peer> peers =
        IntStream.range(0, plan.addresses().size())
            .mapToObj(
                rank ->
                    new Peer(
                        new Endpoint(
                            plan.addresses().get(rank),
                            plan.ports().get(rank),
                            PAYLOAD,
                            "driver-" + rank),
                        FIRST_SESSION + rank))
            .toList();
    return new Group(1, plan.rank(), peers);
  }

  private static RankResult measure(RankPlan plan, EpochLinks links) {
    ChunkGroup chunks = links.chunkGroup(plan.addresses().size());
    try (Workload workload = open(plan.workload(), chunks)) {
      Map<ChunkExchange, Double> medians = medianSteps(workload, plan.steps());
      LinkSpeed speed = new LinkProbe(chunks, Ticker.SYSTEM).measure().slowest(links.collectives());
      ExchangeForecast forecast =
          ExchangeForecast.of(
              chunks.size(),
              workload.layers(),
              workload.times().slowest(links.collectives()),
              workload.bytes(),
              speed);
      return new RankResult(
          speed.latencyNanos() / 1e6,
          medians.getOrDefault(ChunkExchange.ALL_GATHER, Double.NaN),
          medians.getOrDefault(ChunkExchange.WAVEFRONT, Double.NaN),
          forecast.allGatherNanos() / 1e6,
          forecast.wavefrontNanos() / 1e6,
          forecast.decision().text());
    }
  }

  private static Workload open(String name, ChunkGroup chunks) {
    return switch (name) {
      case "paced" -> new PacedWorkload(chunks);
      case "model" -> new ModelWorkload(chunks);
      default ->
          throw new IllegalArgumentException("no workload is called " + name + ": paced or model");
    };
  }

  /**
   * Median step with each exchange, in milliseconds. Exchanges take turns, so that both meet the
   * same machine and equally compiled code. Steps follow each other without a barrier: whoever lags
   * behind makes the next one wait.
   */
  private static Map<ChunkExchange, Double> medianSteps(Workload workload, int steps) {
    Map<ChunkExchange, long[]> nanos = new EnumMap<>(ChunkExchange.class);
    for (int step = -WARM_UP; step < steps; step++) {
      for (ChunkExchange exchange : ChunkExchange.values()) {
        long start = System.nanoTime();
        workload.step(exchange);
        if (step >= 0) {
          long[] measured = nanos.computeIfAbsent(exchange, unused -> new long[steps]);
          measured[step] = System.nanoTime() - start;
        }
      }
    }
    Map<ChunkExchange, Double> medians = new EnumMap<>(ChunkExchange.class);
    nanos.forEach(
        (exchange, measured) -> {
          Arrays.sort(measured);
          medians.put(exchange, measured[steps / 2] / 1e6);
        });
    return medians;
  }
}
