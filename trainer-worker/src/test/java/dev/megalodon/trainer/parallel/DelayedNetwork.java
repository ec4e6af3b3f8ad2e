package dev.megalodon.trainer.parallel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * A network whose messages take {@code delay} longer, counted from the moment they are sent: every
 * message carries its time of sending and is held back at the receiver. Ranks must share a clock,
 * hence a machine. Unlike a delay in the kernel's network, it does not slow down acknowledgements.
 */
public final class DelayedNetwork implements Network {
  private static final int STAMP_BYTES = 64;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private record Held(long due, MemorySegment message) {}

  private final Network network;
  private final long delayNanos;

  /** Delays what is sent over {@code network}, which it closes with itself. */
  public DelayedNetwork(Network network, Duration delay) {
    this.network = network;
    this.delayNanos = delay.toNanos();
  }

  @Override
  public Endpoint endpoint() {
    return network.endpoint();
  }

  @Override
  public Transport open(Group group) {
    return new DelayedTransport(network.open(group));
  }

  @Override
  public void close() {
    network.close();
  }

  private final class DelayedTransport implements Transport {
    private record LinkId(Lane lane, int peer) {}

    private final Transport transport;
    private final Map<LinkId, Inbound> inbound = new HashMap<>();

    DelayedTransport(Transport transport) {
      this.transport = transport;
    }

    @Override
    public Outbound outbound(Lane lane, int peer) {
      return new StampingOutbound(transport.outbound(lane, peer));
    }

    @Override
    public Inbound inbound(Lane lane, int peer) {
      return inbound.computeIfAbsent(
          new LinkId(lane, peer), id -> new HoldingInbound(transport.inbound(lane, peer)));
    }

    @Override
    public void close() {
      transport.close();
    }
  }

  private final class StampingOutbound implements Outbound {
    private final Outbound link;
    private final MemorySegment stamped;

    StampingOutbound(Outbound link) {
      this.link = link;
      this.stamped = MemorySegment.ofArray(new byte[link.capacity()]);
    }

    @Override
    public int capacity() {
      return link.capacity() - STAMP_BYTES;
    }

    @Override
    public boolean offer(MessageHeader header, MemorySegment source, long offset, int length) {
      MemorySegment.copy(source, offset, stamped, STAMP_BYTES, length);
      stamped.set(LONG, 0, System.nanoTime() + delayNanos);
      return link.offer(header, stamped, 0, STAMP_BYTES + length);
    }

    @Override
    public LinkState state() {
      return link.state();
    }
  }

  private static final class HoldingInbound implements Inbound {
    private static final int MESSAGES_PER_POLL = 64;

    private final Inbound link;
    private final Deque<Held> held = new ArrayDeque<>();

    HoldingInbound(Inbound link) {
      this.link = link;
    }

    @Override
    public int poll(Handler handler, int limit) {
      link.poll(this::hold, MESSAGES_PER_POLL);
      int messages = 0;
      boolean more = true;
      while (more && messages < limit && !held.isEmpty() && isDue(held.element())) {
        MemorySegment message = held.remove().message();
        messages++;
        more = handler.onMessage(message, 0, (int) message.byteSize());
      }
      return messages;
    }

    @Override
    public LinkState state() {
      // What is held back is still on its way.
      return held.isEmpty() ? link.state() : LinkState.OPEN;
    }

    private boolean hold(MemorySegment memory, long offset, int length) {
      byte[] message = new byte[length - STAMP_BYTES];
      MemorySegment copy = MemorySegment.ofArray(message);
      MemorySegment.copy(memory, offset, copy, 0, MessageHeader.BYTES);
      long payload = offset + MessageHeader.BYTES;
      long bytes = (long) message.length - MessageHeader.BYTES;
      MemorySegment.copy(memory, payload + STAMP_BYTES, copy, MessageHeader.BYTES, bytes);
      held.add(new Held(memory.get(LONG, payload), copy));
      return true;
    }

    private static boolean isDue(Held message) {
      return System.nanoTime() - message.due() >= 0;
    }
  }
}
