package dev.megalodon.trainer.parallel;

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

/**
 * Measures a reduce-scatter followed by an all-gather, ranks being threads of this process: {@code
 * ipc | udp} (one driver for all, or one each), ranks, MiB per rank, repetitions, datagram payload.
 */
final class CollectivesBench {
  private static final int TERM_BYTES = 1 << 20;
  private static final int WARM_UP = 3;

  private CollectivesBench() {}

  public static void main(String[] arguments) throws Exception {
    boolean shared = arguments[0].equals("ipc");
    int ranks = Integer.parseInt(arguments[1]);
    long bytes = Long.parseLong(arguments[2]) << 20;
    int repetitions = Integer.parseInt(arguments[3]);
    OptionalInt mtu =
        arguments.length > 4 ? OptionalInt.of(Integer.parseInt(arguments[4])) : OptionalInt.empty();
    List<Network> networks = networks(shared, ranks, mtu);
    List<Group> groups = Ranks.groups(1, networks, RandomGenerator.getDefault());
    List<double[]> seconds =
        Ranks.run(
            networks,
            groups,
            CollectiveSettings.DEFAULT,
            ring -> measure(ring, bytes, repetitions));
    report(arguments[0], networks.getFirst().endpoint().mtu(), ranks, bytes, seconds.getFirst());
    TestNetworks.closeAll(networks);
  }

  /** Seconds of the exchange, averaged back to back, and of a scalar all-reduce. */
  private static double[] measure(RingCollectives ring, long bytes, int repetitions) {
    try (Arena arena = Arena.ofConfined()) {
      long elements = bytes / Float.BYTES / ring.worldSize() * ring.worldSize();
      Tensor buffer =
          new Tensor(ElementType.FLOAT32, arena.allocate(elements * Float.BYTES, 64), elements);
      double exchange = average(ring, repetitions, () -> exchange(ring, buffer));
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
    ring.barrier();
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

  private static List<Network> networks(boolean shared, int ranks, OptionalInt mtu) {
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

  private static AeronSettings settings(int rank, OptionalInt mtu) {
    Path folder = Path.of("/dev/shm/megalodon-bench-" + ProcessHandle.current().pid());
    return new AeronSettings(
        "127.0.0.1",
        TestNetworks.freePort(),
        folder.resolve(Integer.toString(rank)),
        mtu,
        TERM_BYTES);
  }
}
