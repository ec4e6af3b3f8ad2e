package dev.megalodon.trainer.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.trainer.parallel.cost.LayerTimes;
import dev.megalodon.trainer.parallel.cost.LinkProbe;
import dev.megalodon.trainer.parallel.cost.LinkSpeed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkProbeIT {
  private static final RandomGenerator RANDOM = RandomGenerator.of("L64X128MixRandom");
  private static final CollectiveSettings LONG =
      new CollectiveSettings(Duration.ofSeconds(60), Ticker.SYSTEM);

  @TempDir Path folder;

  @Test
  void shouldAgreeOnTheSlowestLinkOfAllChunkGroups() throws Exception {
    Duration delay = Duration.ofMillis(3);
    List<Network> networks =
        TestNetworks.AERON_IPC.open(4, folder).stream()
            .map(network -> (Network) new DelayedNetwork(network, delay))
            .toList();
    try {
      List<LinkSpeed> speeds =
          Ranks.runLinks(
              networks,
              Ranks.groups(1, networks, RANDOM),
              LONG,
              links ->
                  new LinkProbe(links.chunkGroup(2), Ticker.SYSTEM)
                      .measure()
                      .slowest(links.collectives()));
      assertTrue(speeds.getFirst().latencyNanos() >= delay.toNanos(), speeds::toString);
      assertTrue(speeds.getFirst().nanosPerMebibyte() > 0, speeds::toString);
      speeds.forEach(speed -> assertEquals(speeds.getFirst(), speed));
    } finally {
      TestNetworks.closeAll(networks);
    }
  }

  @Test
  void shouldAgreeOnTheSlowestRanksTimes() throws Exception {
    List<Network> networks = TestNetworks.IN_MEMORY.open(3, folder);
    List<LayerTimes> times =
        Ranks.runLinks(
            networks,
            Ranks.groups(1, networks, RANDOM),
            LONG,
            links -> {
              long rank = links.collectives().rank();
              return new LayerTimes(rank, 2 - rank, 1L << 53, 0, rank * rank, 5, 7 * rank)
                  .slowest(links.collectives());
            });
    times.forEach(agreed -> assertEquals(new LayerTimes(2, 2, 1L << 53, 0, 4, 5, 14), agreed));
  }
}
