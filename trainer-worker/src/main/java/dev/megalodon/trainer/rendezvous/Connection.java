package dev.megalodon.trainer.rendezvous;

import dev.megalodon.trainer.parallel.Ticker;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the coordinator: unknown at first, a member once it has proved who it is. All
 * methods run on the coordinator's thread. Whatever goes wrong here ends this connection only.
 */
final class Connection implements Guest {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
  private static final int LONGEST_UNPROVEN_FRAME = 4096;

  private final SocketChannel socket;
  private final SelectionKey key;
  private final FrameChannel frames;
  private final Identity own;
  private final Lobby lobby;
  private final SecureRandom random;
  private final Ticker ticker;
  private final long openedAt;
  private long heardAt;
  private Handshake handshake = new Handshake("", "");
  private OptionalInt rank = OptionalInt.empty();
  private boolean dismissed;

  Connection(
      SocketChannel socket,
      SelectionKey key,
      Identity own,
      Lobby lobby,
      SecureRandom random,
      Ticker ticker) {
    this.socket = socket;
    this.key = key;
    this.frames = new FrameChannel(socket, LONGEST_UNPROVEN_FRAME);
    this.own = own;
    this.lobby = lobby;
    this.random = random;
    this.ticker = ticker;
    this.openedAt = ticker.nanos();
    this.heardAt = openedAt;
  }

  /** Whether this connection is a member's. */
  boolean seated() {
    return rank.isPresent();
  }

  /** When it was accepted. */
  long openedAt() {
    return openedAt;
  }

  /** When something was last heard on it. */
  long heardAt() {
    return heardAt;
  }

  /** Serves whatever the selector says is possible. */
  void serve() {
    try {
      if (key.isValid() && key.isReadable()) {
        receive();
      }
      if (key.isValid() && key.isWritable()) {
        flush();
      }
    } catch (EOFException e) {
      end(Loss.Cause.DIED, "closed its connection");
    } catch (IOException | RuntimeException e) {
      end(Loss.Cause.DIED, "lost its connection (%s)".formatted(e));
    }
  }

  /** Closes the connection; a member's seat becomes free. */
  void end(Loss.Cause cause, String reason) {
    boolean member = rank.isPresent() && !dismissed;
    LOG.debug("connection of {} ends: it {}", name(), reason);
    close();
    if (member) {
      lobby.gone(rank.getAsInt(), cause, name() + " " + reason);
    }
  }

  /** Closes the socket and says nothing to anyone. */
  void close() {
    dismissed = true;
    key.cancel();
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("closing the connection of {}", name(), e);
    }
  }

  /** Says that nothing more will come, and goes on reading until the other side closes. */
  void hangUp() {
    dismissed = true;
    try {
      frames.flush();
      socket.shutdownOutput();
    } catch (IOException e) {
      LOG.debug("hanging up on {}", name(), e);
      close();
    }
  }

  @Override
  public void send(Message message) {
    if (dismissed) {
      return;
    }
    try {
      frames.queue(message);
      flush();
    } catch (IOException e) {
      // Not from here: the lobby may be in the middle of a change. The next read reports it.
      LOG.debug("cannot send to {}", name(), e);
      shutDownInput();
    }
  }

  @Override
  public void dismiss() {
    dismissed = true;
    try {
      flush();
    } catch (IOException e) {
      LOG.debug("cannot flush to {}", name(), e);
      close();
    }
  }

  private void receive() throws IOException {
    for (Message message : frames.read()) {
      if (dismissed) {
        return;
      }
      heardAt = ticker.nanos();
      handle(message);
    }
  }

  private void handle(Message message) throws ProtocolException {
    if (rank.isEmpty()) {
      handleUnproven(message);
      return;
    }
    int member = rank.getAsInt();
    switch (message) {
      case Message.Alive alive -> lobby.heard(member, alive.activity());
      case Message.Ready ready -> lobby.ready(member, ready);
      case Message.Done done -> lobby.done(member, done);
      case Message.Leave leave -> end(Loss.Cause.LEFT, "left on notice: " + leave.reason());
      case Message.Hello _,
          Message.Challenge _,
          Message.Join _,
          Message.Refused _,
          Message.Accepted _,
          Message.Waiting _,
          Message.Open _,
          Message.Abort _,
          Message.AllDone _,
          Message.Heartbeat _ ->
          throw new ProtocolException("unexpected from a member: " + message);
    }
  }

  private void handleUnproven(Message message) throws ProtocolException {
    boolean greeted = !handshake.memberNonce().isEmpty();
    if (message instanceof Message.Hello hello && !greeted) {
      greet(hello);
    } else if (message instanceof Message.Join join && greeted) {
      admit(join);
    } else {
      throw new ProtocolException("unexpected in a handshake");
    }
  }

  private void greet(Message.Hello hello) {
    if (hello.version() != MessageCodec.VERSION) {
      refuse(
          Message.Refusal.OTHER_VERSION,
          "protocol %d, not %d".formatted(MessageCodec.VERSION, hello.version()));
      return;
    }
    handshake = new Handshake(hello.nonce(), Handshake.nonce(random));
    send(handshake.challenge(own));
  }

  private void admit(Message.Join join) {
    if (!handshake.proves(own.secret(), join)) {
      LOG.warn("refused {}: its proof is wrong", name());
      refuse(Message.Refusal.UNPROVEN, "the proof does not fit this job's secret");
    } else if (lobby.join(this, join)) {
      rank = OptionalInt.of(join.rank());
      frames.allow(MessageCodec.LONGEST_BODY);
    }
  }

  private void refuse(Message.Refusal refusal, String reason) {
    send(new Message.Refused(refusal, reason));
    dismiss();
  }

  private void flush() throws IOException {
    if (!key.isValid()) {
      return;
    }
    boolean written = frames.flush();
    key.interestOps(SelectionKey.OP_READ | (written ? 0 : SelectionKey.OP_WRITE));
    if (written && dismissed) {
      close();
    }
  }

  private void shutDownInput() {
    try {
      socket.shutdownInput();
    } catch (IOException e) {
      LOG.debug("cannot shut down the connection of {}", name(), e);
    }
  }

  private String name() {
    return rank.isPresent()
        ? "rank " + rank.getAsInt()
        : "an unknown process at " + socket.socket().getRemoteSocketAddress();
  }
}
