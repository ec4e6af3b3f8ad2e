package dev.megalodon.trainer.parallel;

import java.lang.foreign.MemorySegment;

/**
 * One message of any size on its way over one link, cut into as many transport messages as needed.
 */
final class Letter {
  /** Which way it goes, seen from this rank. */
  enum Way {
    OUT("has sent %d of %d bytes to rank %d"),
    IN("has %d of %d bytes from rank %d");

    private final String progress;

    Way(String progress) {
      this.progress = progress;
    }
  }

  private final Way way;
  private final Operation operation;
  private final MemorySegment memory;
  private long moved;

  /** A letter whose bytes lie in, or go to, {@code memory}. */
  Letter(Way way, Operation operation, MemorySegment memory) {
    this.way = way;
    this.operation = operation;
    this.memory = memory;
  }

  /** Whether every byte was sent, or received. */
  boolean finished() {
    return moved == memory.byteSize();
  }

  /** Whether it goes out. */
  boolean isOutgoing() {
    return way == Way.OUT;
  }

  /** Offers the next piece; returns whether the link had room. */
  boolean offer(Outbound link, EpochFence fence) {
    int length = (int) Math.min(link.capacity(), memory.byteSize() - moved);
    boolean taken = link.offer(header(fence), memory, moved, length);
    moved += taken ? length : 0;
    return taken;
  }

  /** Takes the next piece, which must be this letter's. */
  void take(MessageHeader header, EpochFence fence, MemorySegment source, long from, int bytes) {
    MessageHeader expected = header(fence);
    if (!header.equals(expected) || bytes > memory.byteSize() - moved) {
      throw EpochFence.apart(header, expected);
    }
    MemorySegment.copy(source, from, memory, moved, bytes);
    moved += bytes;
  }

  /** Takes what arrived before this letter's memory was known. */
  void takeOver(Letter early, EpochFence fence) {
    MessageHeader start = fence.header(early.operation, moved, early.memory.byteSize());
    take(start, fence, early.memory, 0, Math.toIntExact(early.moved));
  }

  /** How far it is. */
  String progress(int peer) {
    return way.progress.formatted(moved, memory.byteSize(), peer);
  }

  private MessageHeader header(EpochFence fence) {
    return fence.header(operation, moved, memory.byteSize());
  }
}
