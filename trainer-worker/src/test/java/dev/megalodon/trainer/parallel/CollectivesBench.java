package dev.megalodon.trainer.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.parallel.aeron.AeronNetwork;
import dev.megalodon.trainer.parallel.aeron.AeronSettings;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Measures a reduce-scatter followed by an all-gather, ranks being threads of this process. Named
 * so that only {@code -Dtest=CollectivesBench} runs it.
 */
class CollectivesBench {
  private static final int TERM_BYTES = 1 << 20;
  private static final int WARM_UP = 3;

  @TempDir Path folder;

  /** One driver for all ranks (ipc) or one each (udp); the largest payload, or a given one. */
  @ParameterizedTest
  @CsvSource({
    "ipc, 2, 64, 0",
    "ipc, 3, 64, 0",
    "ipc, 4, 64, 0",
    "udp, 2, 64, 0",
    "udp, 3, 64, 0",
    "udp, 4, 64, 0",
    "udp, 2, 64, 8192",
    "udp, 2, 16, 1408",
    "udp, 3, 16, 1408",
    "udp, 4, 16, 1408"
  })
  void measure(String kind, int ranks, long mebibytes, int payload) throws Exception {
    OptionalInt mtu = payload == 0 ? OptionalInt.empty() : OptionalInt.of(payload);
    List<Network> networks = networks(kind.equals("ipc"), ranks, mtu);
    try {
      List<Group> groups = Ranks.groups(1, networks, RandomGenerator.getDefault());
      List<double[]> seconds =
          Ranks.run(
              networks, groups, CollectiveSettings.DEFAULT, ring -> measure(ring, mebibytes << 20));
      int used = networks.getFirst().endpoint().mtu();
      report(kind, used, ranks, mebibytes << 20, seconds.getFirst());
    } finally {
      TestNetworks.closeAll(networks);
    }
  }

  /** Seconds of the exchange, averaged back to back, and of a scalar all-reduce. */
  private static double[] measure(RingCollectives ring, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      long elements = bytes / Float.BYTES / ring.worldSize() * ring.worldSize();
      Tensor buffer =
          new Tensor(ElementType.FLOAT32, arena.allocate(elements * Float.BYTES, 64), elements);
      double exchange = average(ring, 8, () -> exchange(ring, buffer));
      double scalar = average(ring, 200, () -> ring.allReduceSum(1));
      return new double[] {exchange, scalar};
    }
  }

  private static double average(RingCollectives ring, int repetitions, Runnable work) {
    for (int i = 0; i < WARM_UP; i++) {
      work.run();
    }
    ring.barrier();
    long start = System.nanoTime();
    for (int i = 0; i < repetitions; i++) {
      work.run();
    }
    assertEquals(ring.worldSize(), ring.allReduceSum(1));
    return (System.nanoTime() - start) / 1e9 / repetitions;
  }

  private static void exchange(RingCollectives ring, Tensor buffer) {
    ring.reduceScatter(buffer);
    ring.allGather(buffer);
  }

  private static void report(String kind, int mtu, int ranks, long bytes, double[] seconds) {
    double moved = 2.0 * (ranks - 1) / ranks * bytes;
    System.out.printf(
        "%s n=%d mtu=%d %d MiB: %.1f ms, %.2f GB/s; scalar all-reduce %.0f us%n",
        kind,
        ranks,
        mtu,
        bytes >> 20,
        seconds[0] * 1e3,
        moved / seconds[0] / 1e9,
        seconds[1] * 1e6);
  }

  private List<Network> networks(boolean shared, int ranks, OptionalInt mtu) {
    List<Network> networks = new ArrayList<>();
    AeronSettings first = settings(0, mtu);
    AeronNetwork owner = AeronNetwork.launch(first);
    networks.add(owner);
    for (int rank = 1; rank < ranks; rank++) {
      networks.add(
          shared
              ? AeronNetwork.attach(first, owner.endpoint(), TestNetworks.freePort())
              : AeronNetwork.launch(settings(rank, mtu)));
    }
    return networks;
  }

  private AeronSettings settings(int rank, OptionalInt mtu) {
    return new AeronSettings(
        "127.0.0.1",
        TestNetworks.freePort(),
        folder.resolve(Integer.toString(rank)),
        mtu,
        TERM_BYTES);
  }
}
