package dev.megalodon.trainer.ranks;

import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.parallel.InMemoryHub;
import dev.megalodon.trainer.parallel.Network;
import java.util.List;
import java.util.stream.IntStream;

/** Runs the ranks of one group as threads that exchange through memory. */
public final class InMemoryRanks {
  private InMemoryRanks() {}

  /** What one rank does. */
  @FunctionalInterface
  public interface Work<T> {
    /** Runs it. */
    T run(Collectives collectives) throws Exception;
  }

  /** Runs {@code work} on every rank and returns what each returned, in rank order. */
  public static <T> List<T> run(int worldSize, Work<T> work) throws Exception {
    return LinkedRanks.run(networks(worldSize), links -> work.run(links.collectives()));
  }

  /** One network per rank, joined through memory. */
  public static List<Network> networks(int worldSize) {
    InMemoryHub hub = new InMemoryHub();
    return IntStream.range(0, worldSize)
        .<Network>mapToObj(rank -> hub.member("rank-" + rank))
        .toList();
  }
}
