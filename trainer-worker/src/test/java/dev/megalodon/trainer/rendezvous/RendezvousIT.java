package dev.megalodon.trainer.rendezvous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.parallel.ChunkGroup;
import dev.megalodon.trainer.parallel.Endpoint;
import dev.megalodon.trainer.parallel.InMemoryHub;
import dev.megalodon.trainer.parallel.PeerLostException;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Ranks that meet over real sockets, and every way in which one of them can be missing. */
class RendezvousIT {
  @Test
  void shouldOpenAnEpochWhenEveryRankIsThere() throws Exception {
    try (JobProcesses job = new JobProcesses(3)) {
      List<Epoch> epochs = JobProcesses.joinAll(job.start(2, 3), job.start(1, 2), job.start(0, 1));
      for (Epoch epoch : epochs) {
        assertEquals(new EpochId(3, 0), epoch.id());
        assertEquals("resume 3.0", epoch.resume());
        assertEquals(
            List.of(1L, 2L, 3L),
            epoch.roster().members().stream().map(Member::incarnation).toList());
      }
      assertEquals(List.of(7.0, 7.0, 7.0), JobProcesses.sums(epochs));
    }
  }

  @Test
  void shouldWorkAloneInAWorldOfOne() throws Exception {
    try (JobProcesses job = new JobProcesses(1)) {
      Rendezvous alone = job.start(0, 1);
      Epoch epoch = alone.join();
      assertEquals(1.0, epoch.collectives().allReduceSum(1));
      assertTrue(alone.finish());
    }
  }

  @Test
  void shouldOpenASecondEpochWithTheSameProcesses() throws Exception {
    try (JobProcesses job = new JobProcesses(2)) {
      Rendezvous zero = job.start(0, 1);
      Rendezvous one = job.start(1, 2);
      assertEquals(List.of(3.0, 3.0), JobProcesses.sums(JobProcesses.joinAll(zero, one)));
      List<Epoch> second = JobProcesses.joinAll(zero, one);
      assertEquals(new EpochId(2, 1), second.getFirst().id());
      assertEquals(List.of(3.0, 3.0), JobProcesses.sums(second));
    }
  }

  @Test
  void shouldAbortAndReopenWhenARankDies() throws Exception {
    try (JobProcesses job = new JobProcesses(3)) {
      Rendezvous zero = job.start(0, 1);
      Rendezvous one = job.start(1, 2);
      Rendezvous two = job.start(2, 3);
      List<Epoch> first = JobProcesses.joinAll(zero, one, two);
      two.close();
      assertEquals(Loss.Cause.DIED, JobProcesses.awaitLoss(first.get(1)).cause());
      assertTrue(JobProcesses.awaitLoss(first.get(0)).reason().contains("rank 2"));

      List<Epoch> second = JobProcesses.joinAll(zero, one, job.start(2, 4));
      assertEquals(new EpochId(4, 0), second.getFirst().id());
      assertEquals(List.of(7.0, 7.0, 7.0), JobProcesses.sums(second));
    }
  }

  @Test
  void shouldEndChunkGroupsWithTheEpoch() throws Exception {
    try (JobProcesses job = new JobProcesses(2)) {
      Rendezvous zero = job.start(0, 1);
      Rendezvous one = job.start(1, 2);
      List<Epoch> epochs = JobProcesses.joinAll(zero, one);
      ChunkGroup chunks = epochs.getFirst().chunkGroup(2);
      epochs.getLast().chunkGroup(2).send(0, number(5));
      Tensor received = number(0);
      chunks.receive(1, received);
      assertEquals(5, received.memory().get(ValueLayout.JAVA_FLOAT, 0));
      one.close();
      JobProcesses.awaitLoss(epochs.getFirst());
      assertThrows(PeerLostException.class, () -> chunks.receive(1, received));
    }
  }

  @Test
  void shouldMeetAgainWhenRankZeroIsReplaced() throws Exception {
    try (JobProcesses job = new JobProcesses(2)) {
      Rendezvous zero = job.start(0, 1);
      Rendezvous one = job.start(1, 2);
      List<Epoch> first = JobProcesses.joinAll(zero, one);
      zero.close();
      assertEquals(Loss.Cause.COORDINATOR_LOST, JobProcesses.awaitLoss(first.get(1)).cause());

      CompletableFuture<Epoch> rejoining = JobProcesses.joining(one);
      List<Epoch> second = JobProcesses.joinAll(job.start(0, 3));
      assertEquals(new EpochId(3, 0), JobProcesses.await(rejoining).id());
      assertEquals(new EpochId(3, 0), second.getFirst().id());
      assertEquals(2, JobProcesses.sums(List.of(second.getFirst(), rejoining.join())).size());
    }
  }

  @Test
  void shouldTellASupersededProcessToLeave() throws Exception {
    try (JobProcesses job = new JobProcesses(2)) {
      Rendezvous zero = job.start(0, 1);
      Rendezvous old = job.start(1, 2);
      List<Epoch> first = JobProcesses.joinAll(zero, old);

      CompletableFuture<Epoch> renewed = JobProcesses.joining(job.start(1, 5));
      assertEquals(Loss.Cause.SUPERSEDED, JobProcesses.awaitLoss(first.get(0)).cause());
      JobProcesses.awaitLoss(first.get(1));
      RendezvousException notice = assertThrows(RendezvousException.class, old::join);
      assertEquals(ExitCode.LEFT_ON_NOTICE, notice.exitCode());
      assertTrue(notice.toString().contains("superseded by incarnation 5"), notice::toString);

      JobProcesses.joinAll(zero);
      assertEquals(new EpochId(5, 0), JobProcesses.await(renewed).id());
      RendezvousException late =
          assertThrows(RendezvousException.class, () -> job.start(1, 4).join());
      assertEquals(ExitCode.LEFT_ON_NOTICE, late.exitCode());
      assertTrue(renewed.join().lost().isEmpty());
    }
  }

  @Test
  void shouldRefuseAWrongSecret() throws Exception {
    try (JobProcesses job = new JobProcesses(2)) {
      CompletableFuture<Epoch> waiting = JobProcesses.joining(job.start(0, 1));
      Identity honest = job.identity(1, 2);
      Identity forged =
          new Identity("uid", 1, 2, 9, "spec", JobProcesses.secret("not the job's secret"));
      RendezvousSettings impatient = job.settings().withRejoin(Duration.ofSeconds(2));
      RendezvousException refused =
          assertThrows(RendezvousException.class, () -> job.start(forged, impatient).join());
      assertEquals(ExitCode.PEERS_LOST, refused.exitCode());
      assertTrue(refused.toString().contains("does not know this job's secret"), refused::toString);

      JobProcesses.joinAll(job.start(honest, job.settings()));
      assertEquals(new EpochId(2, 0), JobProcesses.await(waiting).id());
    }
  }

  @Test
  void shouldRefuseAProofThatDoesNotFit() throws Exception {
    try (JobProcesses job = new JobProcesses(2);
        Socket socket = connectedTo(job.start(0, 1), job)) {
      write(socket, new Message.Hello(MessageCodec.VERSION, "nonce"));
      assertTrue(read(socket) instanceof Message.Challenge);
      write(
          socket,
          new Handshake("nonce", "a nonce that was not asked for")
              .join(job.identity(1, 2), new Endpoint("memory", 0, 4096, "memory")));
      assertEquals(Message.Refusal.UNPROVEN, ((Message.Refused) read(socket)).refusal());
      assertEquals(-1, socket.getInputStream().read());
    }
  }

  @Test
  void shouldRefuseARankWithAnotherSpecAndLetItWaitForAnotherRank0() throws Exception {
    try (JobProcesses job = new JobProcesses(2)) {
      job.start(0, 1);
      Identity other = new Identity("uid", 1, 2, 2, "other", job.identity(1, 2).secret());
      RendezvousSettings impatient = job.settings().withRejoin(Duration.ofSeconds(1));
      RendezvousException refused =
          assertThrows(RendezvousException.class, () -> job.start(other, impatient).join());
      assertEquals(ExitCode.PEERS_LOST, refused.exitCode());
      assertTrue(refused.toString().contains("digest other"), refused::toString);
    }
  }

  /** What a resize is to those who wait: a rank 0 of fewer ranks goes, one of their own comes. */
  @Test
  void shouldMeetOnceARank0OfAsManyRanksIsThere() throws Exception {
    try (JobProcesses job = new JobProcesses(2)) {
      Identity few = new Identity("uid", 0, 1, 1, "one", job.identity(0, 1).secret());
      Rendezvous old = job.start(few, job.settings());
      old.join();
      CompletableFuture<Epoch> added = JobProcesses.joining(job.start(1, 2));
      Thread.sleep(500); // long enough to be refused once; it changes nothing if it was not
      old.close();
      CompletableFuture<Epoch> zero = JobProcesses.joining(job.start(0, 3));
      assertEquals(2, JobProcesses.await(zero).collectives().worldSize());
      assertEquals(2, JobProcesses.await(added).collectives().worldSize());
    }
  }

  @Test
  void shouldSayWhatItWaitedForWhenRanksNeverCome() throws Exception {
    try (JobProcesses job = new JobProcesses(3)) {
      RendezvousSettings impatient = job.settings().withRejoin(Duration.ofSeconds(1));
      job.start(1, 2);
      Rendezvous zero = job.start(job.identity(0, 1), impatient);
      RendezvousException late = assertThrows(RendezvousException.class, zero::join);
      assertEquals(ExitCode.PEERS_LOST, late.exitCode());
      assertTrue(late.toString().contains("rank 2 of 3 (never joined)"), late::toString);
      Rendezvous stranger =
          job.start(job.identity(1, 3), impatient.withPort(JobProcesses.freePort()));
      RendezvousException alone = assertThrows(RendezvousException.class, stranger::join);
      assertTrue(alone.toString().contains("Connection refused"), alone::toString);
    }
  }

  @Test
  void shouldCountASilentPeerAsDead() throws Exception {
    Duration silence = Duration.ofMillis(1500);
    try (JobProcesses job = new JobProcesses(2, Duration.ofMillis(100), silence)) {
      Rendezvous zero = job.start(0, 1);
      RendezvousSettings mute =
          job.settings().withSilence(Duration.ofHours(1), Duration.ofHours(1));
      List<Epoch> epochs = JobProcesses.joinAll(zero, job.start(job.identity(1, 2), mute));
      Loss loss = JobProcesses.awaitLoss(epochs.getFirst());
      assertEquals(Loss.Cause.SILENT, loss.cause());
      assertTrue(loss.reason().contains("rank 1 was silent"), loss.reason());
    }
  }

  @Test
  void shouldCountASilentRankZeroAsDead() throws Exception {
    try (JobProcesses job = new JobProcesses(2)) {
      RendezvousSettings mute =
          job.settings().withSilence(Duration.ofHours(1), Duration.ofHours(1));
      RendezvousSettings strict =
          job.settings().withSilence(Duration.ofMillis(100), Duration.ofMillis(1500));
      List<Epoch> epochs =
          JobProcesses.joinAll(
              job.start(job.identity(0, 1), mute), job.start(job.identity(1, 2), strict));
      Loss loss = JobProcesses.awaitLoss(epochs.get(1));
      assertTrue(
          loss.reason().contains("rank 0 was silent") || loss.cause() == Loss.Cause.DIED,
          loss::toString);
    }
  }

  @Test
  void shouldOpenEpochsAmongGarbageConnections() throws Exception {
    try (JobProcesses job = new JobProcesses(2)) {
      Rendezvous zero = job.start(0, 1);
      List<Socket> scanners = new ArrayList<>();
      for (int i = 0; i < 150; i++) {
        Socket scanner = connectedTo(zero, job);
        scanners.add(scanner);
        sendGarbage(scanner, i);
      }
      assertEquals(
          List.of(3.0, 3.0), JobProcesses.sums(JobProcesses.joinAll(zero, job.start(1, 2))));
      for (Socket scanner : scanners) {
        assertTrue(endsWithin(scanner, Duration.ofSeconds(10)), "a scanner is still connected");
      }
    }
  }

  @Test
  void shouldTellALeaverFromACrash() throws Exception {
    try (JobProcesses job = new JobProcesses(2)) {
      Rendezvous zero = job.start(0, 1);
      Rendezvous one = job.start(1, 2);
      List<Epoch> epochs = JobProcesses.joinAll(zero, one);
      one.leave("SIGTERM");
      one.close();
      Loss loss = JobProcesses.awaitLoss(epochs.getFirst());
      assertEquals(Loss.Cause.LEFT, loss.cause());
      assertEquals("rank 1 left on notice: SIGTERM", loss.reason());
    }
  }

  @Test
  void shouldFinishWhenEveryRankIsDone() throws Exception {
    try (JobProcesses job = new JobProcesses(2)) {
      Rendezvous zero = job.start(0, 1);
      Rendezvous one = job.start(1, 2);
      List<Epoch> epochs = JobProcesses.joinAll(zero, one);
      CompletableFuture<Boolean> first =
          CompletableFuture.supplyAsync(() -> finish(one), JobProcesses::onItsOwnThread);
      assertTrue(finish(zero));
      assertTrue(JobProcesses.await(first));
      one.close();
      assertTrue(epochs.getFirst().lost().isEmpty());
    }
  }

  @Test
  void shouldNotWaitForeverForTheOthersToBeDone() throws Exception {
    try (JobProcesses job = new JobProcesses(2)) {
      RendezvousSettings impatient = job.settings().withFarewell(Duration.ofMillis(300));
      Rendezvous zero = job.start(job.identity(0, 1), impatient);
      JobProcesses.joinAll(zero, job.start(1, 2));
      assertFalse(finish(zero));
    }
  }

  @Test
  void shouldThrowOnRankZeroWhatTheDeciderThrew() throws Exception {
    try (JobProcesses job = new JobProcesses(1);
        Rendezvous zero =
            Rendezvous.start(
                job.identity(0, 1),
                job.settings(),
                new InMemoryHub().member("rank-0"),
                (epoch, roster, holdings) -> {
                  throw new IllegalArgumentException("no checkpoint can be read");
                })) {
      IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, zero::join);
      assertEquals("no checkpoint can be read", thrown.getMessage());
    }
  }

  private static boolean finish(Rendezvous rendezvous) {
    try {
      return rendezvous.finish();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Socket connectedTo(Rendezvous listening, JobProcesses job) throws IOException {
    assertFalse(listening.toString().isEmpty());
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), job.settings().port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void sendGarbage(Socket scanner, int kind) throws IOException {
    OutputStream out = scanner.getOutputStream();
    switch (kind % 4) {
      case 0 -> out.write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      case 1 -> out.write(new byte[] {0, 0, 0, 5, 12});
      case 2 -> write(scanner, new Message.Heartbeat());
      default -> out.flush();
    }
  }

  private static boolean endsWithin(Socket socket, Duration bound) throws IOException {
    try (socket) {
      socket.setSoTimeout(Math.toIntExact(bound.toMillis()));
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  private static void write(Socket socket, Message message) throws IOException {
    socket.getOutputStream().write(MessageCodec.frame(message).array());
  }

  private static Message read(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    return MessageCodec.decode(in.readNBytes(in.readInt()));
  }

  private static Tensor number(float value) {
    return new Tensor(ElementType.FLOAT32, MemorySegment.ofArray(new float[] {value}), 1);
  }
}
