package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.cli.logging.LogFormat;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.WorkerIdentity;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a job on this machine: alone in this process, or one process for each rank, which meet on
 * the loopback interface as pods do on their network.
 */
final class LocalTraining {
  private final LocalJob job;
  private final Path checkpoints;

  /**
   * A job.
   *
   * @param checkpoints folder that stands for the checkpoint volume
   */
  LocalTraining(LocalJob job, Path checkpoints) {
    this.job = job;
    this.checkpoints = checkpoints.toAbsolutePath();
  }

  /** Arguments of {@code train} for the only rank. */
  List<String> alone() {
    List<String> arguments = arguments(0);
    arguments.add("--local");
    return arguments;
  }

  /** Starts all ranks and waits for their end. */
  int together() throws InterruptedException {
    Duration grace = Duration.ofSeconds(job.job().spec().checkpoint().graceSeconds());
    RankProcesses processes = new RankProcesses(System.err, grace, LogFormat.of(System.getenv()));
    Thread hook = new Thread(() -> leave(processes), "ranks-leave-on-notice");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      start(processes);
      return processes.await();
    } catch (IOException e) {
      throw new WorkerExit(ExitCode.UNEXPECTED, "cannot start a rank: " + e.getMessage(), e);
    } finally {
      processes.terminate();
      removeUnlessShuttingDown(hook);
    }
  }

  private void start(RankProcesses processes) throws IOException {
    int ranks = job.ranks();
    List<Integer> ports = freeTcpPorts(ranks + 1);
    for (int rank = 0; rank < ranks; rank++) {
      List<String> arguments = arguments(rank);
      arguments.addAll(
          List.of(
              "--rank=" + rank,
              "--world-size=" + ranks,
              "--rendezvous-port=" + ports.getLast(),
              "--http-port=" + ports.get(rank),
              "--collectives-port=" + freeUdpPort()));
      processes.start(arguments, ranks);
    }
  }

  private List<String> arguments(int rank) {
    Path folder = jobFolder(checkpoints, job.job().name());
    long incarnation = LocalJob.nextIncarnation(folder) + rank;
    return new ArrayList<>(
        List.of(
            "train",
            "--spec=" + job.spec(),
            "--secret=" + job.secret(),
            "--data=" + job.data(),
            "--checkpoints=" + checkpoints,
            "--termination-message=" + job.lastWords(rank),
            "--job=" + job.job().name(),
            "--incarnation=" + incarnation));
  }

  /** Where a job that runs on this machine has its checkpoints. */
  static Path jobFolder(Path checkpoints, String job) {
    return checkpoints.resolve(
        "%s/%s-%s".formatted(WorkerIdentity.LOCAL, job, WorkerIdentity.LOCAL));
  }

  /** Runs when this process is told to end: the ranks leave first. */
  private void leave(RankProcesses processes) {
    processes.terminate();
    processes.awaitLeaving();
    job.close();
    Runtime.getRuntime().halt(ExitCode.LEFT_ON_NOTICE.code());
  }

  private static void removeUnlessShuttingDown(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The hook runs already and ends this process itself.
    }
  }

  /** Held all at once while they are chosen, so that no two are the same. */
  private static List<Integer> freeTcpPorts(int count) throws IOException {
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
  }

  private static int freeUdpPort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
