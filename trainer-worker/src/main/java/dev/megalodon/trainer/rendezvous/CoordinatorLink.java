package dev.megalodon.trainer.rendezvous;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A member's connection to one coordinator, blocking and bounded. */
final class CoordinatorLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CoordinatorLink.class);

  private final Socket socket;
  private final DataInputStream input;
  private final long coordinatorIncarnation;
  private final Handshake handshake;

  private CoordinatorLink(
      Socket socket, DataInputStream input, long coordinatorIncarnation, Handshake handshake) {
    this.socket = socket;
    this.input = input;
    this.coordinatorIncarnation = coordinatorIncarnation;
    this.handshake = handshake;
  }

  /**
   * Connects and lets the coordinator prove that it belongs to the job.
   *
   * @throws IOException when nobody answers within {@code bound}, or not a coordinator of this job
   */
  static CoordinatorLink connect(
      InetSocketAddress address, Identity own, String nonce, Duration bound) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(address, Math.toIntExact(bound.toMillis()));
      socket.setSoTimeout(Math.toIntExact(bound.toMillis()));
      DataInputStream input = new DataInputStream(socket.getInputStream());
      write(socket, new Message.Hello(MessageCodec.VERSION, nonce));
      Message.Challenge challenge = requireChallenge(read(input));
      Handshake handshake = new Handshake(nonce, challenge.nonce());
      if (!handshake.proves(own.secret(), challenge)) {
        throw new IOException("it does not know this job's secret");
      }
      return new CoordinatorLink(socket, input, challenge.incarnation(), handshake);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** Which incarnation of rank 0 is at the other end. */
  long coordinatorIncarnation() {
    return coordinatorIncarnation;
  }

  /** Where the coordinator is. */
  InetAddress address() {
    return socket.getInetAddress();
  }

  /** The answer to the coordinator's challenge. */
  Handshake handshake() {
    return handshake;
  }

  /** From now on the other side may be silent for this long. */
  void expectWithin(Duration silence) throws IOException {
    socket.setSoTimeout(Math.toIntExact(silence.toMillis()));
  }

  /** Sends a message; any thread may. */
  synchronized void send(Message message) throws IOException {
    write(socket, message);
  }

  /**
   * Waits for the next message.
   *
   * @throws IOException when the connection ended or the other side is silent
   */
  Message receive() throws IOException {
    try {
      return read(input);
    } catch (EOFException e) {
      throw new IOException("rank 0 closed the connection", e);
    } catch (SocketTimeoutException e) {
      throw new IOException("rank 0 was silent for %d ms".formatted(socket.getSoTimeout()), e);
    }
  }

  /** Sends a message; if that fails the connection ends, which {@link #receive} then tells. */
  void sendOrClose(Message message) {
    try {
      send(message);
    } catch (IOException e) {
      LOG.debug("cannot send to rank 0", e);
      close();
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("closing the connection to rank 0", e);
    }
  }

  private static Message.Challenge requireChallenge(Message message) throws IOException {
    return switch (message) {
      case Message.Challenge challenge -> challenge;
      case Message.Refused refused -> throw new IOException("refused: " + refused.reason());
      default -> throw new IOException("not a coordinator: it says " + message);
    };
  }

  private static Message read(DataInputStream input) throws IOException {
    int length = MessageCodec.requireLength(input.readInt(), MessageCodec.LONGEST_BODY);
    return MessageCodec.decode(input.readNBytes(length));
  }

  private static void write(Socket socket, Message message) throws IOException {
    socket.getOutputStream().write(MessageCodec.frame(message).array());
  }
}
