package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.cli.logging.LogFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The ranks of one job as processes on this machine. Their lines are passed on with the rank before
 * them. They end together: when one fails, and when this process is told to end.
 */
final class RankProcesses {
  // A rank that was told to leave writes a checkpoint first.
  private static final Duration RESERVE = Duration.ofSeconds(5);

  /** The heap's part of the memory, of all ranks together. */
  private static final int HEAP_PERCENT = 30;

  /** What every JVM with the Vector API says first, and the launcher leaves out as well. */
  private static final String JVM_REMARK = "WARNING: Using incubator modules";

  private final List<Process> processes = new ArrayList<>();
  private final BlockingQueue<Process> ended = new LinkedBlockingQueue<>();
  private final PrintStream output;
  private final Duration grace;
  private final LogFormat format;

  /**
   * No process yet.
   *
   * @param output takes the ranks' lines
   * @param grace how long ranks may take to leave
   * @param format of the lines; those for programs say their rank themselves
   */
  RankProcesses(PrintStream output, Duration grace, LogFormat format) {
    this.output = output;
    this.grace = grace;
    this.format = format;
  }

  /** Starts the {@code megalodon} command with these arguments as the next rank. */
  void start(List<String> arguments, int ranks) throws IOException {
    int rank = processes.size();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-XX:MaxRAMPercentage=" + Math.max(1, HEAP_PERCENT / ranks));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), MegalodonCommand.class.getName()));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    processes.add(process);
    Thread.ofVirtual().name("output-of-rank-" + rank).start(() -> passOn(rank, process));
  }

  /** Passes lines on to the last, then says that the process has ended. */
  private void passOn(int rank, Process process) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith(JVM_REMARK)) {
          output.println(format == LogFormat.JSON ? line : "[rank %d] %s".formatted(rank, line));
        }
      }
    } catch (IOException e) {
      output.printf("[rank %d] its output cannot be read: %s%n", rank, e.getMessage());
    }
    process.onExit().thenAccept(ended::add);
  }

  /**
   * Waits until all have ended; the first that does not end well makes the others leave.
   *
   * @return the code of the first that failed, or else of the last
   */
  int await() throws InterruptedException {
    int result = ExitCode.COMPLETE.code();
    for (int left = processes.size(); left > 0; left--) {
      int code = ended.take().exitValue();
      if (code != ExitCode.COMPLETE.code() && result == ExitCode.COMPLETE.code()) {
        result = code;
        terminate();
      }
    }
    return result;
  }

  /** Asks all to leave. */
  void terminate() {
    processes.forEach(Process::destroy);
  }

  /** Waits as long as leaving may take, then kills what is left. */
  void awaitLeaving() {
    long end = System.nanoTime() + grace.plus(RESERVE).toNanos();
    for (Process process : processes) {
      try {
        if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
