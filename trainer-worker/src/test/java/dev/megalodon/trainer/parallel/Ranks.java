package dev.megalodon.trainer.parallel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/** Runs the ranks of one group as threads of this process. */
final class Ranks {
  private static final int BOUND_SECONDS = 40;

  /** What one rank does. */
  @FunctionalInterface
  interface Work<T> {
    T run(RingCollectives collectives) throws Exception;
  }

  /** What one rank does with all it has in an epoch. */
  @FunctionalInterface
  interface LinksWork<T> {
    T run(EpochLinks links) throws Exception;
  }

  private interface Part<T> {
    T run(Network network, Group group) throws Exception;
  }

  private Ranks() {}

  /** The groups of one epoch, as each rank sees it; session ids are drawn from {@code random}. */
  static List<Group> groups(long epoch, List<Network> networks, RandomGenerator random) {
    List<Peer> peers =
        networks.stream().map(n -> new Peer(n.endpoint(), random.nextInt())).toList();
    List<Group> groups = new ArrayList<>();
    for (int rank = 0; rank < networks.size(); rank++) {
      groups.add(new Group(epoch, rank, peers));
    }
    return groups;
  }

  /** Runs {@code work} on every rank, with a barrier at its end. */
  static <T> List<T> run(
      List<Network> networks, List<Group> groups, CollectiveSettings settings, Work<T> work)
      throws Exception {
    return runUnguarded(
        networks,
        groups,
        settings,
        ring -> {
          T result = work.run(ring);
          ring.barrier();
          return result;
        });
  }

  /** Runs {@code work} on every rank and returns what each returned, in rank order. */
  static <T> List<T> runUnguarded(
      List<Network> networks, List<Group> groups, CollectiveSettings settings, Work<T> work)
      throws Exception {
    return runParts(
        networks,
        groups,
        (network, group) -> {
          try (RingCollectives ring = new RingCollectives(network.open(group), group, settings)) {
            return work.run(ring);
          }
        });
  }

  /**
   * Runs {@code work} on every rank, with collectives and chunk groups, and a barrier at its end.
   */
  static <T> List<T> runLinks(
      List<Network> networks, List<Group> groups, CollectiveSettings settings, LinksWork<T> work)
      throws Exception {
    return runLinksUnguarded(
        networks,
        groups,
        settings,
        links -> {
          T result = work.run(links);
          links.collectives().barrier();
          return result;
        });
  }

  /** Runs {@code work} on every rank, with collectives and chunk groups. */
  static <T> List<T> runLinksUnguarded(
      List<Network> networks, List<Group> groups, CollectiveSettings settings, LinksWork<T> work)
      throws Exception {
    return runParts(
        networks,
        groups,
        (network, group) -> {
          try (EpochLinks links = new EpochLinks(network.open(group), group, settings)) {
            return work.run(links);
          }
        });
  }

  private static <T> List<T> runParts(List<Network> networks, List<Group> groups, Part<T> part)
      throws Exception {
    try (ExecutorService executor = Executors.newThreadPerTaskExecutor(Thread::new)) {
      List<Future<T>> futures = new ArrayList<>();
      for (int rank = 0; rank < networks.size(); rank++) {
        Network network = networks.get(rank);
        Group group = groups.get(rank);
        futures.add(executor.submit(() -> part.run(network, group)));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(await(future));
      }
      return results;
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    try {
      return future.get(BOUND_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (TimeoutException e) {
      throw new AssertionError("a rank did not finish within " + BOUND_SECONDS + " s", e);
    }
  }
}
