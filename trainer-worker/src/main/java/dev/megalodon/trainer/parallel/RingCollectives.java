package dev.megalodon.trainer.parallel;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Collectives on a ring: every rank sends to the next one and receives from the one before. A
 * buffer of B bytes costs a rank (n − 1)/n · B bytes out and as many in per reduce-scatter or
 * all-gather, the least there is. Received elements are combined where they lie in the transport's
 * buffer.
 *
 * <p>One thread calls the operations and closes; any thread may {@link #abort}.
 */
public final class RingCollectives implements Collectives {
  private static final int KIND_SHIFT = 56;
  private static final Set<ElementType> GATHERED =
      EnumSet.of(ElementType.FLOAT64, ElementType.FLOAT32, ElementType.BFLOAT16);

  private enum Kind {
    REDUCE_SCATTER("reduce-scatter"),
    ALL_GATHER("all-gather"),
    ALL_REDUCE("all-reduce"),
    BARRIER("barrier");

    private final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  private final Transport transport;
  private final Group group;
  private final PatientWait wait;
  private final MemorySegment scalars; // (n): one double per rank
  private volatile Optional<String> broken = Optional.empty();
  private long operations;
  private long foreignMessages;

  /** Collectives of one group; owns {@code transport} from here on. */
  public RingCollectives(Transport transport, Group group, CollectiveSettings settings) {
    this.transport = transport;
    this.group = group;
    this.wait = new PatientWait(settings);
    this.scalars = Arena.ofAuto().allocate(ValueLayout.JAVA_DOUBLE, group.worldSize());
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
    Combination sum = Combination.sum(buffer.type());
    requireSlices(buffer);
    circulate(Kind.REDUCE_SCATTER, buffer.memory(), rank() - 1, sum);
  }

  @Override
  public void allGather(Tensor buffer) {
    if (!GATHERED.contains(buffer.type())) {
      throw new IllegalArgumentException(
          "all-gather takes %s, not %s".formatted(GATHERED, buffer.type()));
    }
    requireSlices(buffer);
    circulate(Kind.ALL_GATHER, buffer.memory(), rank(), Combination.COPY);
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
  public synchronized void abort(String reason) {
    broken = broken.or(() -> Optional.of(reason));
  }

  /** Why operations fail, once they do. */
  public Optional<String> broken() {
    return broken;
  }

  /** Messages of other epochs that arrived here and were dropped. */
  public long foreignMessages() {
    return foreignMessages;
  }

  @Override
  public void close() {
    abort("the collectives of this epoch were closed");
    transport.close();
  }

  private void gatherScalars(Kind kind, double own) {
    requireWhole(kind);
    scalars.setAtIndex(ValueLayout.JAVA_DOUBLE, rank(), own);
    circulate(kind, scalars, rank(), Combination.COPY);
  }

  private void circulate(Kind kind, MemorySegment memory, int firstSlice, Combination combination) {
    operations++;
    requireWhole(kind);
    if (worldSize() == 1 || memory.byteSize() == 0) {
      return;
    }
    long operation = ((long) kind.ordinal() << KIND_SHIFT) | operations;
    RingPass pass = new RingPass(group, operation, memory, firstSlice, combination);
    Outbound next = transport.outbound(group.next());
    Inbound previous = transport.inbound(group.previous());
    wait.progressed();
    while (!pass.finished()) {
      if (pass.send(next) + pass.receive(previous) > 0) {
        wait.progressed();
      } else {
        requirePeers(kind, pass, next, previous);
        wait.idle();
      }
      requireWhole(kind);
    }
    foreignMessages += pass.foreign();
  }

  private void requirePeers(Kind kind, RingPass pass, Outbound next, Inbound previous) {
    if (previous.state() == LinkState.CLOSED && pass.received() < pass.total()) {
      // What arrived before the end of the stream is still to be read.
      if (pass.receive(previous) == 0) {
        abort("rank %d stopped sending; %s".formatted(group.previous(), describe(kind, pass)));
      }
    } else if (next.state() == LinkState.CLOSED && pass.sent() < pass.total()) {
      abort("rank %d stopped receiving; %s".formatted(group.next(), describe(kind, pass)));
    } else if (wait.expired()) {
      abort(
          "no progress for %.1f s; %s"
              .formatted(wait.silence().toMillis() / 1e3, describe(kind, pass)));
    }
  }

  private String describe(Kind kind, RingPass pass) {
    return ("in %s %d of epoch %x, rank %d has %d of %d bytes from rank %d, and has sent %d of %d"
            + " to rank %d (%d messages of other epochs dropped)")
        .formatted(
            kind.text,
            operations,
            group.epoch(),
            rank(),
            pass.received(),
            pass.total(),
            group.previous(),
            pass.sent(),
            pass.total(),
            group.next(),
            foreignMessages + pass.foreign());
  }

  private void requireWhole(Kind kind) {
    Optional<String> reason = broken;
    if (reason.isPresent()) {
      throw new PeerLostException(
          "rank %d cannot %s with its peers: %s".formatted(rank(), kind.text, reason.get()));
    }
  }

  private void requireSlices(Tensor buffer) {
    if (buffer.size() % worldSize() != 0) {
      throw new IllegalArgumentException(
          "%s does not divide into %d equal slices: pad it".formatted(buffer, worldSize()));
    }
  }
}
