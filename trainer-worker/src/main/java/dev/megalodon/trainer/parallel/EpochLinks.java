package dev.megalodon.trainer.parallel;

import java.util.Optional;

/**
 * What a rank has to talk to the others in one epoch: collectives over all ranks and a chunk group,
 * on one transport and with one fate. When one of them loses a peer, the other is over too.
 *
 * <p>One thread calls the operations of both and closes; any thread may {@link #abort}.
 */
public final class EpochLinks implements AutoCloseable {
  private final Transport transport;
  private final Group group;
  private final StepClock clock;
  private final PeerWatch watch;
  private final RingCollectives collectives;
  private Optional<ChunkGroup> chunkGroup = Optional.empty();
  private Optional<NeighbourExchange> neighbours = Optional.empty();

  /** Links of one epoch; owns {@code transport} from here on. */
  public EpochLinks(Transport transport, Group group, CollectiveSettings settings) {
    this(transport, group, settings, new StepClock(settings.ticker()));
  }

  /**
   * Links of one epoch; owns {@code transport} from here on.
   *
   * @param clock is told when this rank waits for the others
   */
  public EpochLinks(
      Transport transport, Group group, CollectiveSettings settings, StepClock clock) {
    this.transport = transport;
    this.group = group;
    this.clock = clock;
    this.watch = new PeerWatch(group, settings, clock);
    this.collectives = new RingCollectives(transport, group, watch);
  }

  /** Collectives over all ranks of the epoch. */
  public Collectives collectives() {
    return collectives;
  }

  /**
   * This rank's chunk group; opens its links at the first call.
   *
   * @param chunkParallel ranks that share a sequence, the same on every rank and in every call
   */
  public ChunkGroup chunkGroup(int chunkParallel) {
    ChunkGroup opened = chunkGroup.orElseGet(() -> open(chunkParallel));
    if (opened.size() != chunkParallel) {
      throw new IllegalStateException(
          "this epoch's chunk groups have %d ranks, not %d"
              .formatted(opened.size(), chunkParallel));
    }
    chunkGroup = Optional.of(opened);
    return opened;
  }

  /** Messages to and from the ranks beside this one; opens links when they are first used. */
  public NeighbourExchange neighbours() {
    NeighbourExchange opened =
        neighbours.orElseGet(() -> new NeighbourExchange(transport, group, watch));
    neighbours = Optional.of(opened);
    return opened;
  }

  /**
   * Throws {@link PeerLostException} once the epoch is broken: for long work between operations,
   * which would find out too late.
   */
  public void requireWhole() {
    watch.requireWhole();
  }

  /**
   * Breaks the epoch for this rank: the operation in progress and every later one throw {@link
   * PeerLostException} with this reason. Returns at once.
   */
  public void abort(String reason) {
    watch.abort(reason);
  }

  /** Tells what this rank does, and is told by the thread that calls the operations. */
  public StepClock clock() {
    return clock;
  }

  /** Why operations fail, once they do. */
  public Optional<String> broken() {
    return watch.broken();
  }

  /** Closes all links; every later operation throws {@link PeerLostException}. */
  @Override
  public void close() {
    collectives.close();
  }

  private ChunkGroup open(int chunkParallel) {
    Mesh mesh = Mesh.of(group.worldSize(), chunkParallel);
    return new DirectChunkGroup(transport, group.rank(), mesh.chunkGroup(group.rank()), watch);
  }
}
