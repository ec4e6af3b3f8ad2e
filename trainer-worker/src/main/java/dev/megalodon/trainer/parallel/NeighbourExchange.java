package dev.megalodon.trainer.parallel;

import dev.megalodon.trainer.parallel.Operation.Kind;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Messages of any size between a rank and the two beside it in the ring, in both directions: how
 * state gets to a rank that has none. Messages between two ranks arrive in the order in which they
 * were sent. One thread calls the operations, the one that calls the epoch's collectives.
 *
 * <p>Say what is to be received before the sender may send: what comes unexpected is copied.
 */
public final class NeighbourExchange {
  private final Transport transport;
  private final Group group;
  private final PeerWatch watch;
  private final Map<Integer, PeerLink> links = new TreeMap<>(); // by rank
  private final List<LetterExchange.Item> pending = new ArrayList<>();
  private long operations;

  NeighbourExchange(Transport transport, Group group, PeerWatch watch) {
    this.transport = transport;
    this.group = group;
    this.watch = watch;
    watch.moveAlways(this::move);
  }

  /** The rank after this one. */
  public int next() {
    return group.next();
  }

  /** The rank before this one. */
  public int previous() {
    return group.previous();
  }

  /** Sends to a neighbour; the memory is not to be touched until {@link #complete}. */
  public void send(int peer, MemorySegment memory) {
    PeerLink link = link(peer);
    pending.add(new LetterExchange.Item(link, link.post(Kind.NEIGHBOUR_MESSAGE, memory)));
  }

  /** Says where the next message of a neighbour goes; it has the memory's size. */
  public void receive(int peer, MemorySegment memory) {
    PeerLink link = link(peer);
    pending.add(new LetterExchange.Item(link, link.expect(Kind.NEIGHBOUR_MESSAGE, memory)));
  }

  /**
   * Returns when everything was sent and received.
   *
   * @throws PeerLostException when it cannot be
   */
  public void complete() {
    operations++;
    Operation operation = new Operation(Kind.NEIGHBOUR_MESSAGE, operations);
    watch.complete(operation, new LetterExchange(List.copyOf(pending)));
    pending.clear();
  }

  private PeerLink link(int peer) {
    if (peer != group.next() && peer != group.previous()) {
      throw new IllegalArgumentException(
          "rank %d is not beside rank %d in a ring of %d"
              .formatted(peer, group.rank(), group.worldSize()));
    }
    return links.computeIfAbsent(
        peer,
        rank ->
            new PeerLink(
                rank,
                transport.outbound(Lane.NEIGHBOURS, rank),
                transport.inbound(Lane.NEIGHBOURS, rank),
                watch.fence()));
  }

  private int move() {
    return PeerLink.moveAll(links.values());
  }
}
