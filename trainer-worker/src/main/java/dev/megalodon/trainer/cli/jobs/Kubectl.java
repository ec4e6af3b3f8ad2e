package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The {@code kubectl} program.
 *
 * @param program its name on the PATH, or its path
 * @param flags which cluster and namespace, before every command
 */
record Kubectl(String program, List<String> flags) {
  /** Bounds each question to the API server. */
  private static final String PATIENCE = "--request-timeout=30s";

  /** The one on the PATH, with nothing said about the cluster. */
  static Kubectl onPath() {
    return new Kubectl("kubectl", List.of());
  }

  /** The same program and other flags. */
  Kubectl with(List<String> others) {
    return new Kubectl(program, others);
  }

  /**
   * Runs a command.
   *
   * @return its standard output
   * @throws WorkerExit in one line when it fails or there is no such program
   */
  String answer(List<String> arguments) {
    return answerTo("", arguments);
  }

  /** {@link #answer} to a command that reads its standard input. */
  String answerTo(String input, List<String> arguments) {
    List<String> bounded = new ArrayList<>(arguments);
    bounded.add(1, PATIENCE);
    Process process = start(new ProcessBuilder(command(bounded)));
    try {
      CompletableFuture<String> errors = readLater(process.getErrorStream());
      give(input, process);
      String output = read(process.getInputStream());
      if (process.waitFor() != 0) {
        throw Refusal.of(errors.join());
      }
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerExit(ExitCode.UNEXPECTED, "interrupted while kubectl answered", e);
    } finally {
      process.destroy();
    }
  }

  /** Runs a command on this process's own terminal and returns its exit status. */
  int handOver(List<String> arguments) {
    Process process = start(new ProcessBuilder(command(arguments)).inheritIO());
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerExit(ExitCode.UNEXPECTED, "interrupted while kubectl ran", e);
    } finally {
      process.destroy();
    }
  }

  /** Starts a command whose output and errors are one stream. */
  Process open(List<String> arguments) {
    return start(new ProcessBuilder(command(arguments)).redirectErrorStream(true));
  }

  private List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(program);
    command.addAll(arguments);
    command.addAll(flags);
    return command;
  }

  private Process start(ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.DEVICE_UNAVAILABLE,
          "there is no program %s here: put kubectl on the PATH".formatted(program),
          e);
    }
  }

  private static void give(String input, Process process) {
    try (OutputStream stream = process.getOutputStream()) {
      stream.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended without reading, and says why itself.
    }
  }

  private static CompletableFuture<String> readLater(InputStream stream) {
    return CompletableFuture.supplyAsync(() -> read(stream), Thread::startVirtualThread);
  }

  private static String read(InputStream stream) {
    try {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the output of kubectl broke off", e);
    }
  }
}
