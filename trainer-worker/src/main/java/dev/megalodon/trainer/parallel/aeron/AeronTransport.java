package dev.megalodon.trainer.parallel.aeron;

import dev.megalodon.trainer.parallel.Endpoint;
import dev.megalodon.trainer.parallel.Group;
import dev.megalodon.trainer.parallel.Inbound;
import dev.megalodon.trainer.parallel.Lane;
import dev.megalodon.trainer.parallel.Outbound;
import dev.megalodon.trainer.parallel.Peer;
import dev.megalodon.trainer.parallel.Traffic;
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
  private static final int MESSAGES_PER_TERM = 8;
  private static final int FRAME_ALIGNMENT = 32;
  private static final int LARGEST_SHARED_MESSAGE = 1 << 15;

  private record LinkId(Lane lane, int peer) {}

  private final Aeron client;
  private final Group group;
  private final int termBytes;
  private final int receiveBuffer;
  private final Traffic traffic;
  private final Map<LinkId, AeronOutbound> outbound = new HashMap<>();
  private final Map<LinkId, AeronInbound> inbound = new HashMap<>();

  /**
   * Opens no link yet.
   *
   * @param receiveBuffer bytes that this process's socket holds until they are read
   * @param traffic counts the bytes of all links
   */
  AeronTransport(Aeron client, Group group, int termBytes, int receiveBuffer, Traffic traffic) {
    this.client = client;
    this.group = group;
    this.termBytes = termBytes;
    this.receiveBuffer = receiveBuffer;
    this.traffic = traffic;
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
    ChannelUriStringBuilder channel =
        channelTo(link.peer(), group.rank()).termLength(term(link.lane())).mtu(messageBytes(link));
    int streamId = streamId(link.lane(), group.rank(), link.peer());
    return new AeronOutbound(client.addExclusivePublication(channel.build(), streamId), traffic);
  }

  private AeronInbound openInbound(LinkId link) {
    ChannelUriStringBuilder channel = channelTo(group.rank(), link.peer());
    if (!sharesDriver(link.peer())) {
      channel.receiverWindowLength(window(link));
    }
    int streamId = streamId(link.lane(), link.peer(), group.rank());
    return new AeronInbound(client.addSubscription(channel.build(), streamId), traffic);
  }

  private int term(Lane lane) {
    return AeronSettings.shareOfTerm(termBytes, lane.links());
  }

  private int messageBytes(LinkId link) {
    // A receiver's window is at most half a term, and several messages should fit in it.
    int largest = term(link.lane()) / MESSAGES_PER_TERM / FRAME_ALIGNMENT * FRAME_ALIGNMENT;
    int carried =
        sharesDriver(link.peer())
            ? LARGEST_SHARED_MESSAGE
            : Math.min(own().endpoint().mtu(), peer(link.peer()).endpoint().mtu());
    return Math.min(carried, largest);
  }

  /** What a peer may send unread: all peers of a lane at once must not overrun the socket. */
  private int window(LinkId link) {
    int share = Math.min(term(link.lane()) / 2, receiveBuffer / link.lane().links());
    return Math.max(share, 2 * messageBytes(link));
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
