package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The logs of many ranks in one stream, line by line as they come. */
final class RankLogs {
  private final PrintWriter output;
  private final List<Process> processes = new ArrayList<>();
  private final List<Thread> readers = new ArrayList<>();

  RankLogs(PrintWriter output) {
    this.output = output;
  }

  /** Shows the output of a process as that of a rank. */
  void add(int rank, Process process) {
    processes.add(process);
    readers.add(Thread.startVirtualThread(() -> show(rank, process)));
  }

  private void show(int rank, Process process) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        say(rank, line);
      }
    } catch (IOException e) {
      say(rank, "its log broke off: " + e.getMessage());
    }
  }

  private synchronized void say(int rank, String line) {
    output.printf("[rank %d] %s%n", rank, line);
    output.flush();
  }

  /** Waits for the end of all; returns the exit status of the first that failed, or 0. */
  int await() {
    try {
      for (Thread reader : readers) {
        reader.join();
      }
      int status = ExitCode.COMPLETE.code();
      for (Process process : processes) {
        status = status == 0 ? process.waitFor() : status;
      }
      return status;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerExit(ExitCode.UNEXPECTED, "interrupted", e);
    } finally {
      processes.forEach(Process::destroy);
    }
  }
}
