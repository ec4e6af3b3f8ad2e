package dev.megalodon.trainer.parallel;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Joins ranks that are threads of one process: links are queues of copied messages. */
public final class InMemoryHub {
  private static final int QUEUED_MESSAGES = 32;
  private static final int CAPACITY = 4096;

  private record LinkId(long epoch, int sessionId, int lane, int from, int to) {}

  private static final class Link implements Outbound, Inbound {
    private final BlockingQueue<MemorySegment> messages = new ArrayBlockingQueue<>(QUEUED_MESSAGES);
    private volatile boolean closed;

    @Override
    public int capacity() {
      return CAPACITY;
    }

    @Override
    public boolean offer(MessageHeader header, MemorySegment source, long offset, int length) {
      if (closed || messages.remainingCapacity() == 0) {
        return false;
      }
      MemorySegment copy = MemorySegment.ofArray(new byte[MessageHeader.BYTES + length]);
      header.write(copy, 0);
      MemorySegment.copy(source, offset, copy, MessageHeader.BYTES, length);
      return messages.offer(copy);
    }

    @Override
    public int poll(Handler handler, int limit) {
      for (int count = 0; count < limit; count++) {
        MemorySegment message = messages.poll();
        if (message == null) {
          return count;
        }
        if (!handler.onMessage(message, 0, (int) message.byteSize())) {
          return count + 1;
        }
      }
      return limit;
    }

    @Override
    public LinkState state() {
      return closed ? LinkState.CLOSED : LinkState.OPEN;
    }
  }

  private final ConcurrentMap<LinkId, Link> links = new ConcurrentHashMap<>();

  /** A member of this hub; {@code name} only shows in messages. */
  public Network member(String name) {
    return new Member(new Endpoint(name, 0, CAPACITY, "memory"));
  }

  private final class Member implements Network {
    private final Endpoint endpoint;

    Member(Endpoint endpoint) {
      this.endpoint = endpoint;
    }

    @Override
    public Endpoint endpoint() {
      return endpoint;
    }

    @Override
    public Transport open(Group group) {
      return new HubTransport(group);
    }

    @Override
    public void close() {}
  }

  private final class HubTransport implements Transport {
    private final Group group;
    private final Set<Link> opened = new HashSet<>();

    HubTransport(Group group) {
      this.group = group;
    }

    @Override
    public Outbound outbound(Lane lane, int peer) {
      return link(lane, group.rank(), peer);
    }

    @Override
    public Inbound inbound(Lane lane, int peer) {
      return link(lane, peer, group.rank());
    }

    @Override
    public void close() {
      opened.forEach(link -> link.closed = true);
    }

    private Link link(Lane lane, int from, int to) {
      int sessionId = group.peers().get(from).sessionId();
      LinkId id = new LinkId(group.epoch(), sessionId, lane.number(), from, to);
      Link link = links.computeIfAbsent(id, unused -> new Link());
      opened.add(link);
      return link;
    }
  }
}
