package dev.megalodon.trainer.ranks;

import dev.megalodon.trainer.parallel.CollectiveSettings;
import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.parallel.Group;
import dev.megalodon.trainer.parallel.InMemoryHub;
import dev.megalodon.trainer.parallel.Network;
import dev.megalodon.trainer.parallel.Peer;
import dev.megalodon.trainer.parallel.RingCollectives;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Runs the ranks of one group as threads that exchange through memory. */
public final class InMemoryRanks {
  private static final int BOUND_SECONDS = 120;

  private InMemoryRanks() {}

  /** What one rank does. */
  @FunctionalInterface
  public interface Work<T> {
    /** Runs it. */
    T run(Collectives collectives) throws Exception;
  }

  /** Runs {@code work} on every rank and returns what each returned, in rank order. */
  public static <T> List<T> run(int worldSize, Work<T> work) throws Exception {
    InMemoryHub hub = new InMemoryHub();
    List<Network> networks =
        IntStream.range(0, worldSize).mapToObj(rank -> hub.member("rank-" + rank)).toList();
    List<Peer> peers =
        IntStream.range(0, worldSize)
            .mapToObj(rank -> new Peer(networks.get(rank).endpoint(), 100 + rank))
            .toList();
    try (ExecutorService executor = Executors.newThreadPerTaskExecutor(Thread::new)) {
      List<Future<T>> futures = new ArrayList<>();
      for (int rank = 0; rank < worldSize; rank++) {
        Network network = networks.get(rank);
        Group group = new Group(1, rank, peers);
        futures.add(executor.submit(() -> one(network, group, work)));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(await(future));
      }
      return results;
    }
  }

  private static <T> T one(Network network, Group group, Work<T> work) throws Exception {
    try (RingCollectives ring =
        new RingCollectives(network.open(group), group, CollectiveSettings.DEFAULT)) {
      T result = work.run(ring);
      ring.barrier();
      return result;
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    try {
      return future.get(BOUND_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
