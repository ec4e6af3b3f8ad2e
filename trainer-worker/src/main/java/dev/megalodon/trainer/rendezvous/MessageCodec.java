package dev.megalodon.trainer.rendezvous;

import dev.megalodon.trainer.parallel.Activity;
import dev.megalodon.trainer.parallel.Endpoint;
import dev.megalodon.trainer.parallel.StepTimes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages as bytes. A frame is a length (4 bytes, big-endian, at most 64 KiB), a tag byte, and the
 * message's fields in order: numbers big-endian, texts as two bytes of length and modified UTF-8.
 */
final class MessageCodec {
  /** The version of this protocol. */
  static final int VERSION = 2;

  /** The longest body of a frame. */
  static final int LONGEST_BODY = 1 << 16;

  /** Bytes before a frame's body. */
  static final int PREFIX = Integer.BYTES;

  private static final int LARGEST_ROSTER = 4096;

  private enum Tag {
    HELLO,
    CHALLENGE,
    JOIN,
    REFUSED,
    ACCEPTED,
    READY,
    WAITING,
    OPEN,
    ABORT,
    LEAVE,
    DONE,
    ALL_DONE,
    HEARTBEAT,
    ALIVE
  }

  private MessageCodec() {}

  /**
   * The whole frame, prefix included, ready to be written.
   *
   * @throws IllegalArgumentException when the message is longer than a frame may be
   */
  static ByteBuffer frame(Message message) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try {
      write(message, new DataOutputStream(body));
    } catch (IOException e) {
      throw new UncheckedIOException("a message does not fit its frame: " + e.getMessage(), e);
    }
    if (body.size() > LONGEST_BODY) {
      throw new IllegalArgumentException(
          "a message of %d bytes is longer than %d: %.100s"
              .formatted(body.size(), LONGEST_BODY, message));
    }
    return ByteBuffer.allocate(PREFIX + body.size())
        .putInt(body.size())
        .put(body.toByteArray())
        .flip();
  }

  /**
   * Checks the length a frame's prefix announces.
   *
   * @throws ProtocolException when no frame is that long
   */
  static int requireLength(int length, int longest) throws ProtocolException {
    if (length < 1 || length > longest) {
      throw new ProtocolException("a frame of %d bytes, not 1 to %d".formatted(length, longest));
    }
    return length;
  }

  /**
   * The message in a frame's body.
   *
   * @throws IOException when these bytes are no message
   */
  static Message decode(byte[] body) throws IOException {
    ByteArrayInputStream bytes = new ByteArrayInputStream(body);
    Message message;
    try {
      message = read(new DataInputStream(bytes));
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("a frame whose fields cannot be: " + e.getMessage());
    }
    if (bytes.available() > 0) {
      throw new ProtocolException(bytes.available() + " bytes after the end of a message");
    }
    return message;
  }

  private static void write(Message message, DataOutputStream out) throws IOException {
    switch (message) {
      case Message.Hello hello -> {
        tag(Tag.HELLO, out);
        out.writeInt(hello.version());
        out.writeUTF(hello.nonce());
      }
      case Message.Challenge challenge -> {
        tag(Tag.CHALLENGE, out);
        out.writeInt(challenge.version());
        out.writeLong(challenge.incarnation());
        out.writeUTF(challenge.nonce());
        out.writeUTF(challenge.proof());
      }
      case Message.Join join -> writeJoin(join, out);
      case Message.Refused refused -> {
        tag(Tag.REFUSED, out);
        out.writeByte(refused.refusal().ordinal());
        out.writeUTF(refused.reason());
      }
      case Message.Accepted() -> tag(Tag.ACCEPTED, out);
      case Message.Ready ready -> {
        tag(Tag.READY, out);
        writeEpoch(ready.lastSeen(), out);
        out.writeUTF(ready.reason());
        out.writeUTF(ready.holding());
      }
      case Message.Waiting waiting -> {
        tag(Tag.WAITING, out);
        out.writeUTF(waiting.reason());
      }
      case Message.Open open -> writeOpen(open, out);
      case Message.Abort abort -> {
        tag(Tag.ABORT, out);
        writeEpoch(abort.epoch(), out);
        out.writeByte(abort.loss().cause().ordinal());
        out.writeUTF(abort.loss().reason());
      }
      case Message.Leave leave -> {
        tag(Tag.LEAVE, out);
        out.writeUTF(leave.reason());
      }
      case Message.Done done -> {
        tag(Tag.DONE, out);
        writeEpoch(done.epoch(), out);
      }
      case Message.AllDone allDone -> {
        tag(Tag.ALL_DONE, out);
        writeEpoch(allDone.epoch(), out);
      }
      case Message.Heartbeat() -> tag(Tag.HEARTBEAT, out);
      case Message.Alive alive -> writeAlive(alive.activity(), out);
    }
  }

  private static Message read(DataInputStream in) throws IOException {
    return switch (constant(Tag.values(), in)) {
      case HELLO -> new Message.Hello(in.readInt(), in.readUTF());
      case CHALLENGE ->
          new Message.Challenge(in.readInt(), in.readLong(), in.readUTF(), in.readUTF());
      case JOIN -> readJoin(in);
      case REFUSED -> new Message.Refused(constant(Message.Refusal.values(), in), in.readUTF());
      case ACCEPTED -> new Message.Accepted();
      case READY -> new Message.Ready(readEpoch(in), in.readUTF(), in.readUTF());
      case WAITING -> new Message.Waiting(in.readUTF());
      case OPEN -> new Message.Open(readEpoch(in), readRoster(in), in.readUTF());
      case ABORT ->
          new Message.Abort(
              readEpoch(in), new Loss(constant(Loss.Cause.values(), in), in.readUTF()));
      case LEAVE -> new Message.Leave(in.readUTF());
      case DONE -> new Message.Done(readEpoch(in));
      case ALL_DONE -> new Message.AllDone(readEpoch(in));
      case HEARTBEAT -> new Message.Heartbeat();
      case ALIVE -> new Message.Alive(readActivity(in));
    };
  }

  private static void writeAlive(Activity activity, DataOutputStream out) throws IOException {
    tag(Tag.ALIVE, out);
    out.writeByte(activity.state().ordinal());
    out.writeByte(activity.work().ordinal());
    out.writeLong(activity.step());
    out.writeLong(activity.quietNanos());
    out.writeLong(activity.usualNanos());
    out.writeLong(activity.times().computeNanos());
    out.writeLong(activity.times().waitNanos());
  }

  private static Activity readActivity(DataInputStream in) throws IOException {
    return new Activity(
        constant(Activity.State.values(), in),
        constant(Activity.Work.values(), in),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        new StepTimes(in.readLong(), in.readLong()));
  }

  private static void writeJoin(Message.Join join, DataOutputStream out) throws IOException {
    tag(Tag.JOIN, out);
    out.writeUTF(join.jobUid());
    out.writeInt(join.rank());
    out.writeLong(join.incarnation());
    out.writeUTF(join.specDigest());
    writeEndpoint(join.endpoint(), out);
    out.writeUTF(join.proof());
  }

  private static Message.Join readJoin(DataInputStream in) throws IOException {
    return new Message.Join(
        in.readUTF(), in.readInt(), in.readLong(), in.readUTF(), readEndpoint(in), in.readUTF());
  }

  private static void writeOpen(Message.Open open, DataOutputStream out) throws IOException {
    tag(Tag.OPEN, out);
    writeEpoch(open.epoch(), out);
    out.writeInt(open.roster().members().size());
    for (Member member : open.roster().members()) {
      out.writeInt(member.rank());
      out.writeLong(member.incarnation());
      writeEndpoint(member.endpoint(), out);
      out.writeInt(member.sessionId());
    }
    out.writeUTF(open.resume());
  }

  private static Roster readRoster(DataInputStream in) throws IOException {
    int size = in.readInt();
    if (size < 1 || size > LARGEST_ROSTER) {
      throw new ProtocolException("a roster of " + size + " ranks");
    }
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      members.add(new Member(in.readInt(), in.readLong(), readEndpoint(in), in.readInt()));
    }
    return new Roster(members);
  }

  private static void writeEndpoint(Endpoint endpoint, DataOutputStream out) throws IOException {
    out.writeUTF(endpoint.host());
    out.writeInt(endpoint.port());
    out.writeInt(endpoint.mtu());
    out.writeUTF(endpoint.driver());
  }

  private static Endpoint readEndpoint(DataInputStream in) throws IOException {
    return new Endpoint(in.readUTF(), in.readInt(), in.readInt(), in.readUTF());
  }

  private static void writeEpoch(EpochId epoch, DataOutputStream out) throws IOException {
    out.writeLong(epoch.incarnation());
    out.writeLong(epoch.counter());
  }

  private static EpochId readEpoch(DataInputStream in) throws IOException {
    return new EpochId(in.readLong(), in.readLong());
  }

  private static void tag(Tag tag, DataOutputStream out) throws IOException {
    out.writeByte(tag.ordinal());
  }

  private static <E extends Enum<E>> E constant(E[] constants, DataInputStream in)
      throws IOException {
    int ordinal = in.readUnsignedByte();
    if (ordinal >= constants.length) {
      throw new ProtocolException(
          "%d is no %s".formatted(ordinal, constants.getClass().componentType().getSimpleName()));
    }
    return constants[ordinal];
  }
}
