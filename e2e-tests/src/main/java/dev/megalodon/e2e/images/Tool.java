package dev.megalodon.e2e.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a program of this machine to its end. */
final class Tool {
  private Tool() {}

  /**
   * Runs a command.
   *
   * @return what it wrote to standard output and standard error
   * @throws ToolFailedException with that text if it ends with a status other than 0
   */
  static String run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      int status = process.waitFor();
      if (status != 0) {
        throw new ToolFailedException(
            "%s ended with status %d:%n%s".formatted(String.join(" ", command), status, output));
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + command.getFirst(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ToolFailedException("interrupted while running " + command.getFirst());
    }
  }
}
