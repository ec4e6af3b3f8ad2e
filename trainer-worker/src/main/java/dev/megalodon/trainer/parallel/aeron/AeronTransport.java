package dev.megalodon.trainer.parallel.aeron;

import dev.megalodon.trainer.parallel.Endpoint;
import dev.megalodon.trainer.parallel.Group;
import dev.megalodon.trainer.parallel.Inbound;
import dev.megalodon.trainer.parallel.Lane;
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
 * subscribe to that id alone; the stream id tells apart lanes, and the pairs of ranks that share a
 * driver.
 */
final class AeronTransport implements Transport {
  private static final int FIRST_STREAM_ID = 1;
  private static final int DATAGRAMS_PER_TERM = 8;
  private static final int FRAME_ALIGNMENT = 32;
  private static final int LARGEST_SHARED_MESSAGE = 1 << 15;

  private record LinkId(Lane lane, int peer) {}

  private final Aeron client;
  private final Group group;
  private final int termBytes;
  private final Map<LinkId, AeronOutbound> outbound = new HashMap<>();
  private final Map<LinkId, AeronInbound> inbound = new HashMap<>();

  AeronTransport(Aeron client, Group group, int termBytes) {
    this.client = client;
    this.group = group;
    this.termBytes = termBytes;
  }

  @Override
  public Outbound outbound(Lane lane, int peer) {
    return outbound.computeIfAbsent(new LinkId(lane, peer), this::openOutbound);
  }

  @Override
  public Inbound inbound(Lane lane, int peer) {
    return inbound.computeIfAbsent(new LinkId(lane, peer), this::openInbound);
  }

  @Override
  public void close() {
    outbound.values().forEach(AeronOutbound::close);
    inbound.values().forEach(AeronInbound::close);
  }

  private AeronOutbound openOutbound(LinkId link) {
    int term = AeronSettings.shareOfTerm(termBytes, link.lane().links());
    ChannelUriStringBuilder channel = channelTo(link.peer(), group.rank()).termLength(term);
    // A receiver's window is half a term, so a datagram has to be much smaller than that.
    int largest = term / DATAGRAMS_PER_TERM / FRAME_ALIGNMENT * FRAME_ALIGNMENT;
    if (sharesDriver(link.peer())) {
      channel.mtu(Math.min(LARGEST_SHARED_MESSAGE, largest));
    } else {
      int carried = Math.min(own().endpoint().mtu(), peer(link.peer()).endpoint().mtu());
      channel.mtu(Math.min(carried, largest));
    }
    int streamId = streamId(link.lane(), group.rank(), link.peer());
    return new AeronOutbound(client.addExclusivePublication(channel.build(), streamId));
  }

  private AeronInbound openInbound(LinkId link) {
    String channel = channelTo(group.rank(), link.peer()).build();
    int streamId = streamId(link.lane(), link.peer(), group.rank());
    return new AeronInbound(client.addSubscription(channel, streamId));
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

  private int streamId(Lane lane, int from, int to) {
    return FIRST_STREAM_ID + (lane.number() * group.worldSize() + from) * group.worldSize() + to;
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
