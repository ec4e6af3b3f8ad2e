package dev.megalodon.trainer.training;

import dev.megalodon.trainer.parallel.Endpoint;
import dev.megalodon.trainer.parallel.Group;
import dev.megalodon.trainer.parallel.Inbound;
import dev.megalodon.trainer.parallel.Lane;
import dev.megalodon.trainer.parallel.LinkState;
import dev.megalodon.trainer.parallel.MessageHeader;
import dev.megalodon.trainer.parallel.Network;
import dev.megalodon.trainer.parallel.Outbound;
import dev.megalodon.trainer.parallel.Transport;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ends a rank right after one of its messages is on its way: between any two messages of a step
 * something different is known to the others.
 */
final class DyingNetwork implements Network {
  private final Network real;
  private final AtomicLong messages;
  private final long last;

  /**
   * Passes messages on.
   *
   * @param messages counts them, over all epochs
   * @param last the rank dies after this many
   */
  DyingNetwork(Network real, AtomicLong messages, long last) {
    this.real = real;
    this.messages = messages;
    this.last = last;
  }

  @Override
  public Endpoint endpoint() {
    return real.endpoint();
  }

  @Override
  public Transport open(Group group) {
    Transport transport = real.open(group);
    return new Transport() {
      @Override
      public Outbound outbound(Lane lane, int peer) {
        return new Counted(transport.outbound(lane, peer));
      }

      @Override
      public Inbound inbound(Lane lane, int peer) {
        return transport.inbound(lane, peer);
      }

      @Override
      public void close() {
        transport.close();
      }
    };
  }

  @Override
  public void close() {
    real.close();
  }

  private final class Counted implements Outbound {
    private final Outbound link;

    Counted(Outbound link) {
      this.link = link;
    }

    @Override
    public int capacity() {
      return link.capacity();
    }

    @Override
    public boolean offer(MessageHeader header, MemorySegment source, long offset, int length) {
      boolean taken = link.offer(header, source, offset, length);
      if (taken && messages.incrementAndGet() == last) {
        throw new TrialJob.Killed("after message " + last);
      }
      return taken;
    }

    @Override
    public LinkState state() {
      return link.state();
    }
  }
}
