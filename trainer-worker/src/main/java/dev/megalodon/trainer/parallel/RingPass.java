package dev.megalodon.trainer.parallel;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * One trip of slices around the ring. The memory is n slices of S bytes; in hop h (from 0) a rank
 * sends slice {@code first − h} and receives slice {@code first − 1 − h} (modulo n) from the rank
 * before it. What hop h received is what hop h + 1 sends, so a rank may send up to S bytes more
 * than it has received: messages flow on while hops overlap, and no slice is ever waited for as a
 * whole.
 *
 * <p>As a reduce-scatter with {@code first = rank − 1}, slice c is summed in the order {@code c +
 * 1, c + 2, …, c} (modulo n): a function of rank numbers alone. One hop more, n in all, takes every
 * sum on to the rank after its owner, where it is copied.
 */
final class RingPass implements Exchange, Inbound.Handler {
  private static final int MESSAGES_PER_TURN = 8;

  private final Group group;
  private final RingLinks links;
  private final EpochFence fence;
  private final Operation operation;
  private final MemorySegment memory;
  private final int worldSize;
  private final Route route;
  private final long sliceBytes;
  private final long total;
  private long sent;
  private long received;

  /** Both ends of the ring at this rank. */
  record RingLinks(Outbound next, Inbound previous) {}

  /**
   * Where slices go.
   *
   * @param hops how many: n − 1 until every rank has had every slice, n to bring a sum to one rank
   *     more than its owner
   * @param firstSlice what hop 0 sends, modulo n
   * @param combination what is done in the first n − 1 hops; later ones copy
   */
  record Route(int hops, int firstSlice, Combination combination) {}

  RingPass(
      Group group,
      RingLinks links,
      EpochFence fence,
      Operation operation,
      MemorySegment memory,
      Route route) {
    this.group = group;
    this.links = links;
    this.fence = fence;
    this.operation = operation;
    this.memory = memory;
    this.worldSize = group.worldSize();
    this.route = route;
    this.sliceBytes = memory.byteSize() / worldSize;
    this.total = sliceBytes * route.hops();
  }

  @Override
  public boolean finished() {
    return sent == total && received == total;
  }

  @Override
  public int move() {
    return send() + receive();
  }

  @Override
  public Optional<String> missingPeer() {
    if (links.previous().state() == LinkState.CLOSED && received < total) {
      // What arrived before the end of the stream is still to be read.
      return receive() > 0
          ? Optional.empty()
          : Optional.of("rank %d stopped sending".formatted(group.previous()));
    }
    return links.next().state() == LinkState.CLOSED && sent < total
        ? Optional.of("rank %d stopped receiving".formatted(group.next()))
        : Optional.empty();
  }

  @Override
  public String progress() {
    return "has %d of %d bytes from rank %d, and has sent %d of %d to rank %d"
        .formatted(received, total, group.previous(), sent, total, group.next());
  }

  @Override
  public boolean onMessage(MemorySegment source, long start, int length) {
    MessageHeader header = MessageHeader.read(source, start);
    if (!fence.admits(header)) {
      return true;
    }
    int bytes = length - MessageHeader.BYTES;
    requireExpected(header, bytes);
    long target = offset(route.firstSlice() - 1, received);
    combination().apply(source, start + MessageHeader.BYTES, memory, target, bytes);
    received += bytes;
    // What follows belongs to the next operation, whose memory is not known yet.
    return received < total;
  }

  private Combination combination() {
    return received < sliceBytes * (worldSize - 1) ? route.combination() : Combination.COPY;
  }

  private int send() {
    int messages = 0;
    Outbound link = links.next();
    while (messages < MESSAGES_PER_TURN) {
      int length = sendable(link.capacity());
      MessageHeader header = fence.header(operation, sent, total);
      if (length == 0 || !link.offer(header, memory, offset(route.firstSlice(), sent), length)) {
        return messages;
      }
      sent += length;
      messages++;
    }
    return messages;
  }

  private int receive() {
    return received == total ? 0 : links.previous().poll(this, MESSAGES_PER_TURN);
  }

  /** Bytes of the next message: full messages only, except for the last of a slice. */
  private int sendable(int capacity) {
    long allowed = Math.min(total, sliceBytes + received) - sent;
    long wanted = Math.min(capacity, sliceBytes - sent % sliceBytes);
    return sent < total && allowed >= wanted ? (int) wanted : 0;
  }

  private long offset(int sliceOfFirstHop, long position) {
    long hop = position / sliceBytes;
    return Math.floorMod(sliceOfFirstHop - hop, worldSize) * sliceBytes + position % sliceBytes;
  }

  private void requireExpected(MessageHeader header, int bytes) {
    MessageHeader expected = fence.header(operation, received, total);
    if (!header.equals(expected) || bytes > sliceBytes - received % sliceBytes) {
      throw EpochFence.apart(header, expected);
    }
  }
}
