package dev.megalodon.trainer.rendezvous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.parallel.Endpoint;
import dev.megalodon.trainer.parallel.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An old rank 0 that still works is left, and leaves, as soon as there is a newer one. */
class SuccessionIT {
  private static final long OLD = 3;

  private static final Endpoint ENDPOINT = new Endpoint("127.0.0.1", 1, 1408, "driver");

  private final RendezvousSettings settings = new JobProcesses(2).settings();
  private Coordinator coordinator;

  @BeforeEach
  void coordinate() {
    coordinator =
        Coordinator.start(
            rank(0), settings, Ticker.SYSTEM, (epoch, roster, holdings) -> "", failure -> {});
  }

  @AfterEach
  void close() {
    coordinator.close();
  }

  private static Identity rank(int rank) {
    return new Identity("uid", rank, 2, OLD, "spec", JobProcesses.secret("a secret of this test"));
  }

  private CoordinatorLink link(Attendance attendance, int rank) throws Exception {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.port());
    CoordinatorLink link =
        CoordinatorLink.connect(
            address, rank(rank), Handshake.nonce(new SecureRandom()), settings.handshake());
    attendance.connected(link);
    return link;
  }

  @Test
  void shouldLeaveAnOldRankZeroForANewerOne() throws Exception {
    Attendance attendance = new Attendance(settings, Ticker.SYSTEM);
    CoordinatorLink link = link(attendance, 1);
    look(attendance, 1, OptionalLong.of(OLD + 1));
    Exception closed = assertThrows(Exception.class, link::receive);
    assertTrue(
        String.valueOf(closed.getMessage()).toLowerCase(Locale.ROOT).contains("closed"),
        closed::toString);
  }

  @Test
  void shouldEndAnOldRankZero() throws Exception {
    Attendance attendance = new Attendance(settings, Ticker.SYSTEM);
    try (CoordinatorLink link = link(attendance, 0)) {
      look(attendance, 0, OptionalLong.of(OLD + 1));
      RendezvousException end =
          assertThrows(RendezvousException.class, () -> attendance.awaitEpoch("", ""));
      assertEquals(ExitCode.LEFT_ON_NOTICE, end.exitCode());
    }
  }

  @Test
  void shouldStayWhereThereIsNoneNewer() throws Exception {
    Attendance attendance = new Attendance(settings, Ticker.SYSTEM);
    try (CoordinatorLink link = link(attendance, 1)) {
      look(attendance, 1, OptionalLong.empty());
      look(attendance, 1, OptionalLong.of(OLD));
      link.send(link.handshake().join(rank(1), ENDPOINT));
      assertEquals(new Message.Accepted(), link.receive());
    }
  }

  private static void look(Attendance attendance, int rank, OptionalLong elsewhere) {
    try (Succession succession = new Succession(rank(rank), attendance, () -> elsewhere)) {
      succession.look();
    }
  }
}
