package dev.megalodon.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.checkpoint.FileDigest;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.training.StepLogReader;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three workers as processes, over Aeron on the loopback; one is killed and replaced. */
class KilledWorkerIT {
  private static final int RANKS = 3;
  private static final long BOUND_SECONDS = 300;

  @TempDir Path folder;
  private final List<WorkerJvm> started = new ArrayList<>();

  @AfterEach
  void end() {
    started.forEach(WorkerJvm::close);
  }

  private record Outcome(
      SortedMap<Long, String> losses,
      SortedMap<Long, String> heldOutLosses,
      String parametersSha256) {}

  @Test
  void shouldComeToTheSameBitsAfterKillsAndNotices() throws Exception {
    Job calm = new Job(folder.resolve("calm"));
    calm.startAll();
    Outcome expected = calm.finish();
    assertEquals(TrialFiles.STEPS, expected.losses().size());

    Job killed = new Job(folder.resolve("killed"));
    killed.startAll();
    killed.awaitStep(15);
    killed.worker(1).kill();
    killed.replace(1, 4);
    killed.awaitStep(28);
    killed.worker(0).kill();
    killed.replace(0, 5);
    killed.awaitStep(41);
    killed.worker(2).terminate();
    assertEquals(ExitCode.LEFT_ON_NOTICE.code(), killed.worker(2).await(), killed.worker(2).log());
    killed.replace(2, 6);
    assertEquals(expected, killed.finish());
    int repeated = StepLogReader.repeatedSteps(killed.jobFolder());
    assertTrue(repeated <= 3, repeated + " finished steps were made again after three losses");
  }

  /** Three workers and their files. */
  private final class Job {
    private final Path home;
    private final Path spec;
    private final int rendezvousPort = freePort();
    private final List<WorkerJvm> workers = new ArrayList<>();

    Job(Path home) throws IOException {
      this.home = Files.createDirectories(home);
      TrialFiles.writeText(home.resolve("data"));
      this.spec = TrialFiles.writeSpec(home, RANKS, ".");
      Files.writeString(home.resolve("secret"), "a secret of this test");
    }

    void startAll() throws IOException {
      for (int rank = 0; rank < RANKS; rank++) {
        workers.add(start(rank, rank + 1));
      }
    }

    void replace(int rank, long incarnation) throws Exception {
      workers.set(rank, start(rank, incarnation));
    }

    WorkerJvm worker(int rank) {
      return workers.get(rank);
    }

    private WorkerJvm start(int rank, long incarnation) throws IOException {
      WorkerJvm jvm =
          WorkerJvm.start(
              home.resolve("log-%d-%d".formatted(rank, incarnation)),
              List.of(
                  "train",
                  "--spec=" + spec,
                  "--data=" + home.resolve("data"),
                  "--checkpoints=" + home.resolve("volume"),
                  "--secret=" + home.resolve("secret"),
                  "--termination-message=" + home.resolve("message-" + rank),
                  "--rank=" + rank,
                  "--world-size=" + RANKS,
                  "--incarnation=" + incarnation,
                  "--rendezvous-port=" + rendezvousPort,
                  "--collectives-port=" + freeUdpPort(),
                  "--http-port=0"));
      started.add(jvm);
      return jvm;
    }

    private Path jobFolder() {
      return home.resolve("volume/local/job-local");
    }

    void awaitStep(long step) throws Exception {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
      while (StepLogReader.losses(jobFolder()).keySet().stream().noneMatch(s -> s >= step)) {
        assertTrue(System.nanoTime() < end, "no step " + step + ": " + worker(0).log());
        assertTrue(worker(0).runs(), "rank 0 ended: " + worker(0).log());
        Thread.sleep(20);
      }
    }

    Outcome finish() throws Exception {
      for (WorkerJvm worker : workers) {
        assertEquals(0, worker.await(), worker.log());
      }
      StoredCheckpoint last =
          new CheckpointStore(jobFolder(), Duration.ZERO)
              .newestVerified(problem -> {})
              .orElseThrow();
      assertEquals(TrialFiles.STEPS, last.manifest().step());
      return new Outcome(
          StepLogReader.losses(jobFolder()),
          StepLogReader.heldOutLosses(jobFolder()),
          last.manifest().files().stream()
              .filter(file -> file.name().equals(Manifest.PARAMETERS))
              .map(FileDigest::sha256)
              .findFirst()
              .orElseThrow());
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException("no free TCP port", e);
    }
  }

  private static int freeUdpPort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
