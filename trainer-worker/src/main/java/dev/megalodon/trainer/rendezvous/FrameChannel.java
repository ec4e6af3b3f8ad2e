package dev.megalodon.trainer.rendezvous;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** Frames on a socket that never blocks: half a frame is kept until the rest arrives. */
final class FrameChannel {
  private static final int MOST_MESSAGES_PER_READ = 64;
  private static final int LONGEST_QUEUE_BYTES = 4 * MessageCodec.LONGEST_BODY;

  private final SocketChannel channel;
  private final Queue<ByteBuffer> outgoing = new ArrayDeque<>();
  private final ByteBuffer prefix = ByteBuffer.allocate(MessageCodec.PREFIX);
  private ByteBuffer body = ByteBuffer.allocate(0);
  private int longest;
  private int queuedBytes;

  /** Frames on {@code channel}, which is in non-blocking mode, up to {@code longest} bytes each. */
  FrameChannel(SocketChannel channel, int longest) {
    this.channel = channel;
    this.longest = longest;
  }

  /** From now on frames may be this long. */
  void allow(int bytes) {
    longest = bytes;
  }

  /**
   * Reads what has arrived, of much only a part, so that no connection keeps the others waiting.
   *
   * @return the messages that are complete
   * @throws EOFException when the other side has closed
   * @throws IOException when the connection broke or what arrived is no frame
   */
  List<Message> read() throws IOException {
    List<Message> messages = new ArrayList<>();
    while (messages.size() < MOST_MESSAGES_PER_READ && fill(prefix)) {
      if (body.capacity() == 0) {
        body = ByteBuffer.allocate(MessageCodec.requireLength(prefix.getInt(0), longest));
      }
      if (!fill(body)) {
        break;
      }
      messages.add(MessageCodec.decode(body.array()));
      prefix.clear();
      body = ByteBuffer.allocate(0);
    }
    return messages;
  }

  /**
   * Queues a message.
   *
   * @throws ProtocolException when the other side has not read for so long that too much is queued
   */
  void queue(Message message) throws ProtocolException {
    ByteBuffer frame = MessageCodec.frame(message);
    queuedBytes += frame.remaining();
    if (queuedBytes > LONGEST_QUEUE_BYTES) {
      throw new ProtocolException("the other side does not read");
    }
    outgoing.add(frame);
  }

  /** Writes what fits into the socket's buffer; says whether everything queued was written. */
  boolean flush() throws IOException {
    for (ByteBuffer frame = outgoing.peek(); frame != null; frame = outgoing.peek()) {
      queuedBytes -= channel.write(frame);
      if (frame.hasRemaining()) {
        return false;
      }
      outgoing.remove();
    }
    return true;
  }

  private boolean fill(ByteBuffer buffer) throws IOException {
    if (buffer.hasRemaining() && channel.read(buffer) < 0) {
      throw new EOFException("it closed its connection");
    }
    return !buffer.hasRemaining();
  }
}
