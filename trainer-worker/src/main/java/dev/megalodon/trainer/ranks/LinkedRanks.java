package dev.megalodon.trainer.ranks;

import dev.megalodon.trainer.parallel.CollectiveSettings;
import dev.megalodon.trainer.parallel.EpochLinks;
import dev.megalodon.trainer.parallel.Group;
import dev.megalodon.trainer.parallel.Network;
import dev.megalodon.trainer.parallel.Peer;
import dev.megalodon.trainer.parallel.PeerLostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Runs the ranks of one epoch as threads of this process, on any networks. */
public final class LinkedRanks {
  private static final int BOUND_SECONDS = 900;

  private LinkedRanks() {}

  /** What one rank does. */
  @FunctionalInterface
  public interface Work<T> {
    /** Runs it. */
    T run(EpochLinks links) throws Exception;
  }

  /**
   * Runs {@code work} on every rank and returns what each returned, in rank order.
   *
   * @param networks of the ranks, in their order; stay open
   */
  public static <T> List<T> run(List<Network> networks, Work<T> work) throws Exception {
    // Session ids that no earlier run on these networks had, so nothing of it arrives here.
    List<Peer> peers =
        networks.stream()
            .map(network -> new Peer(network.endpoint(), ThreadLocalRandom.current().nextInt()))
            .toList();
    try (ExecutorService executor = Executors.newThreadPerTaskExecutor(Thread::new)) {
      List<Future<T>> futures = new ArrayList<>();
      for (int rank = 0; rank < networks.size(); rank++) {
        Network network = networks.get(rank);
        Group group = new Group(1, rank, peers);
        futures.add(executor.submit(() -> one(network, group, work)));
      }
      return results(futures);
    }
  }

  private static <T> T one(Network network, Group group, Work<T> work) throws Exception {
    try (EpochLinks links =
        new EpochLinks(network.open(group), group, CollectiveSettings.DEFAULT)) {
      T result = work.run(links);
      links.collectives().barrier();
      return result;
    }
  }

  /** A rank that fails takes the others with it: what it threw is thrown, not what they say. */
  private static <T> List<T> results(List<Future<T>> futures) throws Exception {
    List<T> results = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    for (Future<T> future : futures) {
      try {
        results.add(future.get(BOUND_SECONDS, TimeUnit.SECONDS));
      } catch (ExecutionException e) {
        failures.add(e.getCause());
      }
    }
    failures.sort((a, b) -> Boolean.compare(isLoss(a), isLoss(b)));
    for (Throwable failure : failures) {
      switch (failure) {
        case Error error -> throw error;
        case Exception exception -> throw exception;
        default -> throw new IllegalStateException(failure);
      }
    }
    return results;
  }

  private static boolean isLoss(Throwable failure) {
    return failure instanceof PeerLostException;
  }
}
