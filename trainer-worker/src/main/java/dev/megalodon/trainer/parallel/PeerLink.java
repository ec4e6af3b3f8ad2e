package dev.megalodon.trainer.parallel;

import dev.megalodon.trainer.parallel.Operation.Kind;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Optional;

/**
 * Letters between this rank and one other, in both directions, in order. What arrives before this
 * rank has said where it goes is kept aside: otherwise two ranks that each send more than the link
 * holds would wait for each other.
 */
final class PeerLink implements Inbound.Handler {
  private static final int MESSAGES_PER_TURN = 8;

  private final int peer;
  private final Outbound outbound;
  private final Inbound inbound;
  private final EpochFence fence;
  private final Deque<Letter> outgoing = new ArrayDeque<>();
  // One of these two is empty: letters are kept aside only while none is expected.
  private final Deque<Letter> expected = new ArrayDeque<>();
  private final Deque<Letter> early = new ArrayDeque<>();
  private long lettersSent;
  private long lettersExpected;

  /** The link to the rank {@code peer} of the epoch. */
  PeerLink(int peer, Outbound outbound, Inbound inbound, EpochFence fence) {
    this.peer = peer;
    this.outbound = outbound;
    this.inbound = inbound;
    this.fence = fence;
  }

  /** The rank at the other end. */
  int peer() {
    return peer;
  }

  /** Puts a letter behind those that are not sent yet; its bytes are read when there is room. */
  Letter post(Kind kind, MemorySegment memory) {
    lettersSent++;
    Letter letter = new Letter(Letter.Way.OUT, new Operation(kind, lettersSent), memory);
    if (!letter.finished()) {
      outgoing.add(letter);
    }
    return letter;
  }

  /** Says where the peer's next letter goes. */
  Letter expect(Kind kind, MemorySegment memory) {
    lettersExpected++;
    Letter letter = new Letter(Letter.Way.IN, new Operation(kind, lettersExpected), memory);
    Letter arrived = letter.finished() ? null : early.poll();
    if (arrived != null) {
      letter.takeOver(arrived, fence);
    }
    if (!letter.finished()) {
      expected.add(letter);
    }
    return letter;
  }

  /** Sends and receives what is possible without waiting; returns how many messages that were. */
  int move() {
    return send() + inbound.poll(this, MESSAGES_PER_TURN);
  }

  /** {@link #move} of several links; returns how many messages that were. */
  static int moveAll(Collection<PeerLink> links) {
    int messages = 0;
    for (PeerLink link : links) {
      messages += link.move();
    }
    return messages;
  }

  /** Why this letter, not finished yet, never will be; empty while it may. */
  Optional<String> obstacle(Letter letter) {
    if (letter.isOutgoing()) {
      return outbound.state() == LinkState.CLOSED
          ? Optional.of("rank %d stopped receiving".formatted(peer))
          : Optional.empty();
    }
    // What arrived before the end of the stream is still to be read.
    return inbound.state() == LinkState.CLOSED && move() == 0
        ? Optional.of("rank %d stopped sending".formatted(peer))
        : Optional.empty();
  }

  @Override
  public boolean onMessage(MemorySegment source, long start, int length) {
    MessageHeader header = MessageHeader.read(source, start);
    if (fence.admits(header)) {
      Letter letter = expected.isEmpty() ? keptAside(header) : expected.element();
      letter.take(header, fence, source, start + MessageHeader.BYTES, length - MessageHeader.BYTES);
      if (letter.finished() && !expected.isEmpty()) {
        expected.remove();
      }
    }
    return true;
  }

  private int send() {
    int messages = 0;
    while (messages < MESSAGES_PER_TURN
        && !outgoing.isEmpty()
        && outgoing.element().offer(outbound, fence)) {
      messages++;
      if (outgoing.element().finished()) {
        outgoing.remove();
      }
    }
    return messages;
  }

  /** The letter that a message which nobody expects yet belongs to. */
  private Letter keptAside(MessageHeader header) {
    Letter last = early.peekLast();
    if (last != null && !last.finished()) {
      return last;
    }
    byte[] memory = new byte[Math.toIntExact(header.total())];
    Letter letter =
        new Letter(Letter.Way.IN, Operation.of(header.operation()), MemorySegment.ofArray(memory));
    early.add(letter);
    return letter;
  }
}
