package dev.megalodon.trainer.parallel;

import java.lang.foreign.MemorySegment;

/**
 * One trip of slices around the ring. The memory is n slices of S bytes; in hop h (0 ≤ h ≤ n − 2) a
 * rank sends slice {@code first − h} and receives slice {@code first − 1 − h} (modulo n) from the
 * rank before it. What hop h received is what hop h + 1 sends, so a rank may send up to S bytes
 * more than it has received: messages flow on while hops overlap, and no slice is ever waited for
 * as a whole.
 *
 * <p>As a reduce-scatter with {@code first = rank − 1}, slice c is summed in the order {@code c +
 * 1, c + 2, …, c} (modulo n): a function of rank numbers alone.
 */
final class RingPass implements Inbound.Handler {
  private static final int MESSAGES_PER_TURN = 8;

  private final long epoch;
  private final long operation;
  private final MemorySegment memory;
  private final int worldSize;
  private final int firstSlice;
  private final Combination combination;
  private final long sliceBytes;
  private final long total;
  private long sent;
  private long received;
  private long foreign;

  RingPass(
      Group group, long operation, MemorySegment memory, int firstSlice, Combination combination) {
    this.epoch = group.epoch();
    this.operation = operation;
    this.memory = memory;
    this.worldSize = group.worldSize();
    this.firstSlice = firstSlice;
    this.combination = combination;
    this.sliceBytes = memory.byteSize() / worldSize;
    this.total = sliceBytes * (worldSize - 1);
  }

  /** Whether everything was sent and received. */
  boolean finished() {
    return sent == total && received == total;
  }

  /** Payload bytes sent. */
  long sent() {
    return sent;
  }

  /** Payload bytes received. */
  long received() {
    return received;
  }

  /** Payload bytes to send, and to receive. */
  long total() {
    return total;
  }

  /** Messages of other epochs that were dropped. */
  long foreign() {
    return foreign;
  }

  /** Sends what may be sent and finds room; returns how many messages that were. */
  int send(Outbound link) {
    int messages = 0;
    while (messages < MESSAGES_PER_TURN) {
      int length = sendable(link.capacity());
      if (length == 0 || !link.offer(header(), memory, offset(firstSlice, sent), length)) {
        return messages;
      }
      sent += length;
      messages++;
    }
    return messages;
  }

  /** Receives what has arrived; returns how many messages that were. */
  int receive(Inbound link) {
    return received == total ? 0 : link.poll(this, MESSAGES_PER_TURN);
  }

  @Override
  public boolean onMessage(MemorySegment source, long start, int length) {
    MessageHeader header = MessageHeader.read(source, start);
    if (header.epoch() != epoch) {
      foreign++;
      return true;
    }
    int bytes = length - MessageHeader.BYTES;
    requireExpected(header, bytes);
    long target = offset(firstSlice - 1, received);
    combination.apply(source, start + MessageHeader.BYTES, memory, target, bytes);
    received += bytes;
    // What follows belongs to the next operation, whose memory is not known yet.
    return received < total;
  }

  private MessageHeader header() {
    return new MessageHeader(epoch, operation, sent, total);
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
    boolean samePlace =
        header.operation() == operation
            && header.total() == total
            && header.position() == received
            && bytes <= sliceBytes - received % sliceBytes;
    if (!samePlace) {
      throw new IllegalStateException(
          "ranks call different collectives: the peer is at %s, this rank at %s"
              .formatted(header, new MessageHeader(epoch, operation, received, total)));
    }
  }
}
