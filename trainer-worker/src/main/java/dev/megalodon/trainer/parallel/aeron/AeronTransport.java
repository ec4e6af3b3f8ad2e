package dev.megalodon.trainer.parallel.aeron;

import dev.megalodon.trainer.parallel.Endpoint;
import dev.megalodon.trainer.parallel.Group;
import dev.megalodon.trainer.parallel.Inbound;
import dev.megalodon.trainer.parallel.Outbound;
import dev.megalodon.trainer.parallel.Peer;
import dev.megalodon.trainer.parallel.Transport;
import io.aeron.Aeron;
import io.aeron.ChannelUriStringBuilder;
import io.aeron.CommonContext;
import java.util.HashMap;
import java.util.Map;

/**
 * The links of one epoch. What a rank sends carries its session id of this epoch, and receivers
 * subscribe to that id alone; the stream id tells apart the pairs of ranks that share a driver.
 */
final class AeronTransport implements Transport {
  private static final int FIRST_STREAM_ID = 1;

  private final Aeron client;
  private final Group group;
  private final int termBytes;
  private final Map<Integer, AeronOutbound> outbound = new HashMap<>();
  private final Map<Integer, AeronInbound> inbound = new HashMap<>();

  AeronTransport(Aeron client, Group group, int termBytes) {
    this.client = client;
    this.group = group;
    this.termBytes = termBytes;
    if (group.worldSize() > 1) {
      // Both ends of the ring must exist before either rank begins an operation.
      inbound(group.previous());
      outbound(group.next());
    }
  }

  @Override
  public Outbound outbound(int peer) {
    return outbound.computeIfAbsent(peer, this::openOutbound);
  }

  @Override
  public Inbound inbound(int peer) {
    return inbound.computeIfAbsent(peer, this::openInbound);
  }

  @Override
  public void close() {
    outbound.values().forEach(AeronOutbound::close);
    inbound.values().forEach(AeronInbound::close);
  }

  private AeronOutbound openOutbound(int peer) {
    ChannelUriStringBuilder channel = channelTo(peer, group.rank()).termLength(termBytes);
    if (!sharesDriver(peer)) {
      channel.mtu(Math.min(own().endpoint().mtu(), peer(peer).endpoint().mtu()));
    }
    int streamId = streamId(group.rank(), peer);
    return new AeronOutbound(client.addExclusivePublication(channel.build(), streamId));
  }

  private AeronInbound openInbound(int peer) {
    String channel = channelTo(group.rank(), peer).build();
    return new AeronInbound(client.addSubscription(channel, streamId(peer, group.rank())));
  }

  private ChannelUriStringBuilder channelTo(int receiver, int sender) {
    ChannelUriStringBuilder channel = new ChannelUriStringBuilder();
    channel.sessionId(peer(sender).sessionId());
    int other = receiver == group.rank() ? sender : receiver;
    if (sharesDriver(other)) {
      return channel.media(CommonContext.IPC_MEDIA);
    }
    return channel.media(CommonContext.UDP_MEDIA).endpoint(peer(receiver).endpoint().toString());
  }

  private int streamId(int from, int to) {
    return FIRST_STREAM_ID + from * group.worldSize() + to;
  }

  private boolean sharesDriver(int other) {
    Endpoint here = own().endpoint();
    return here.driver().equals(peer(other).endpoint().driver());
  }

  private Peer own() {
    return peer(group.rank());
  }

  private Peer peer(int rank) {
    return group.peers().get(rank);
  }
}
