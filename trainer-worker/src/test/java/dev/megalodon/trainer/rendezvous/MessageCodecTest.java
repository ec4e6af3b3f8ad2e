package dev.megalodon.trainer.rendezvous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.megalodon.trainer.parallel.Activity;
import dev.megalodon.trainer.parallel.Endpoint;
import dev.megalodon.trainer.parallel.StepTimes;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessageCodecTest {
  private static final Endpoint ENDPOINT = new Endpoint("fd00::7", 7071, 1408, "driver");
  private static final EpochId EPOCH = new EpochId(7, 2);

  static Stream<Message> messages() {
    Roster roster =
        new Roster(List.of(new Member(0, 7, ENDPOINT, -5), new Member(1, 3, ENDPOINT, 1 << 30)));
    return Stream.of(
        new Message.Hello(1, "nonce"),
        new Message.Challenge(1, 7, "nonce", "proof"),
        new Message.Join("uid", 3, 9, "digest", ENDPOINT, "proof"),
        new Message.Refused(Message.Refusal.UNPROVEN, "é"),
        new Message.Accepted(),
        new Message.Ready(EPOCH, "", "{holding}"),
        new Message.Waiting("rank 1"),
        new Message.Open(EPOCH, roster, "{\"step\":4}"),
        new Message.Abort(EPOCH, new Loss(Loss.Cause.SILENT, "rank 1")),
        new Message.Leave("SIGTERM"),
        new Message.Done(EPOCH),
        new Message.AllDone(EPOCH),
        new Message.Heartbeat(),
        new Message.Alive(
            new Activity(
                Activity.State.WAITING,
                Activity.Work.EVALUATION,
                57,
                1L << 40,
                12,
                new StepTimes(34, 1L << 33))));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void shouldDecodeWhatItEncodes(Message message) throws IOException {
    assertEquals(message, MessageCodec.decode(body(message)));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void shouldRefuseEveryTruncation(Message message) {
    byte[] whole = body(message);
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThrows(
          IOException.class, () -> MessageCodec.decode(part), () -> part.length + " bytes");
    }
    byte[] longer = Arrays.copyOf(whole, whole.length + 1);
    assertThrows(ProtocolException.class, () -> MessageCodec.decode(longer));
  }

  @Test
  void shouldThrowOnlyIoExceptionsOnGarbage() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    List<byte[]> seeds = messages().map(MessageCodecTest::body).toList();
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
      for (int flip = random.nextInt(1, 4); flip > 0; flip--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      decodeOrRefuse(bytes);
      byte[] noise = new byte[random.nextInt(64)];
      random.nextBytes(noise);
      decodeOrRefuse(noise);
    }
  }

  /** Any exception but an IOException fails the test. */
  private static void decodeOrRefuse(byte[] bytes) {
    try {
      Message message = MessageCodec.decode(bytes);
      assertEquals(message, MessageCodec.decode(body(message)));
    } catch (IOException expected) {
      assertEquals(true, expected.toString().length() > 0);
    }
  }

  @Test
  void shouldRefuseFramesLongerThanTheBound() {
    Message.Waiting huge = new Message.Waiting("x".repeat(65_534));
    assertThrows(IllegalArgumentException.class, () -> MessageCodec.frame(huge));
    assertThrows(ProtocolException.class, () -> MessageCodec.requireLength(70_000, 65_536));
    assertThrows(ProtocolException.class, () -> MessageCodec.requireLength(0, 65_536));
    assertThrows(ProtocolException.class, () -> MessageCodec.requireLength(-1, 65_536));
  }

  private static byte[] body(Message message) {
    ByteBuffer frame = MessageCodec.frame(message);
    byte[] body = new byte[frame.getInt()];
    frame.get(body);
    return body;
  }
}
