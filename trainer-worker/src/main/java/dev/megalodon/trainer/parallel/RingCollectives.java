package dev.megalodon.trainer.parallel;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.parallel.Operation.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;

/**
 * Collectives on a ring: every rank sends to the next one and receives from the one before. A
 * buffer of B bytes costs a rank (n − 1)/n · B bytes out and as many in per reduce-scatter or
 * all-gather, the least there is, and B/n more with a buddy. Received elements are combined where
 * they lie in the transport's buffer.
 *
 * <p>One thread calls the operations and closes; any thread may {@link #abort}.
 */
public final class RingCollectives implements Collectives {
  private static final Set<ElementType> COPIED =
      Set.of(ElementType.FLOAT32, ElementType.FLOAT64, ElementType.BFLOAT16);

  private final Transport transport;
  private final Group group;
  private final PeerWatch watch;
  private final MemorySegment scalars; // (n): one double per rank
  private long operations;

  /** Collectives of one group; owns {@code transport} from here on. */
  public RingCollectives(Transport transport, Group group, CollectiveSettings settings) {
    this(transport, group, new PeerWatch(group, settings));
  }

  RingCollectives(Transport transport, Group group, PeerWatch watch) {
    this.transport = transport;
    this.group = group;
    this.watch = watch;
    this.scalars = Arena.ofAuto().allocate(ValueLayout.JAVA_DOUBLE, group.worldSize());
    if (group.worldSize() > 1) {
      // Both ends of the ring must exist before either rank begins an operation.
      links();
    }
  }

  @Override
  public int rank() {
    return group.rank();
  }

  @Override
  public int worldSize() {
    return group.worldSize();
  }

  @Override
  public void reduceScatter(Tensor buffer) {
    reduce(buffer, worldSize() - 1);
  }

  @Override
  public void reduceScatterWithBuddy(Tensor buffer) {
    reduce(buffer, worldSize());
  }

  private void reduce(Tensor buffer, int hops) {
    Combination sum = Combination.sum(buffer.type());
    requireSlices(buffer);
    circulate(Kind.REDUCE_SCATTER, buffer.memory(), new RingPass.Route(hops, rank() - 1, sum));
  }

  @Override
  public void allGather(Tensor buffer) {
    if (!COPIED.contains(buffer.type())) {
      throw new IllegalArgumentException(
          "all-gather takes FLOAT32, FLOAT64 or BFLOAT16, not " + buffer.type());
    }
    requireSlices(buffer);
    circulate(Kind.ALL_GATHER, buffer.memory(), copyOfAll());
  }

  @Override
  public double allReduceSum(double value) {
    gatherScalars(Kind.ALL_REDUCE, value);
    double sum = 0;
    for (int peer = 0; peer < worldSize(); peer++) {
      sum += scalars.getAtIndex(ValueLayout.JAVA_DOUBLE, peer);
    }
    return sum;
  }

  @Override
  public boolean allReduceOr(boolean value) {
    return allReduceSum(value ? 1 : 0) > 0;
  }

  @Override
  public void barrier() {
    gatherScalars(Kind.BARRIER, 0);
  }

  /**
   * Breaks the group for this rank: the operation in progress and every later one throw {@link
   * PeerLostException} with this reason. Returns at once.
   */
  public void abort(String reason) {
    watch.abort(reason);
  }

  /** Messages of other epochs that arrived here and were dropped. */
  public long foreignMessages() {
    return watch.fence().dropped();
  }

  @Override
  public void close() {
    abort("the collectives of this epoch were closed");
    transport.close();
  }

  private void gatherScalars(Kind kind, double own) {
    scalars.setAtIndex(ValueLayout.JAVA_DOUBLE, rank(), own);
    circulate(kind, scalars, copyOfAll());
  }

  /** The own slice goes to all others, and theirs come here. */
  private RingPass.Route copyOfAll() {
    return new RingPass.Route(worldSize() - 1, rank(), Combination.COPY);
  }

  private void circulate(Kind kind, MemorySegment memory, RingPass.Route route) {
    operations++;
    Operation operation = new Operation(kind, operations);
    watch.requireWhole(operation);
    if (worldSize() == 1 || memory.byteSize() == 0) {
      return;
    }
    watch.complete(
        operation, new RingPass(group, links(), watch.fence(), operation, memory, route));
  }

  private RingPass.RingLinks links() {
    return new RingPass.RingLinks(
        transport.outbound(Lane.RING, group.next()),
        transport.inbound(Lane.RING, group.previous()));
  }

  private void requireSlices(Tensor buffer) {
    if (buffer.size() % worldSize() != 0) {
      throw new IllegalArgumentException(
          "%s does not divide into %d equal slices: pad it".formatted(buffer, worldSize()));
    }
  }
}
