package dev.megalodon.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.ClusterPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** helm and kubectl as a person uses them, on the chart of this project and a test's server. */
final class Release {
  static final String NAMESPACE = "megalodon-system";

  private static final long LIMIT_SECONDS = 60;

  private final ApiServer server;

  Release(ApiServer server) {
    this.server = server;
  }

  /** What a program said and how it ended. */
  record Answer(int exitCode, String output) {
    Answer successful() {
      assertEquals(0, exitCode, output);
      return this;
    }
  }

  static Path chart() {
    return ClusterPrograms.repository().resolve("helm/megalodon-operator");
  }

  /** {@code helm <command> megalodon <chart> <arguments>}, in the release's namespace. */
  Answer helm(String command, String... arguments) {
    List<String> line = new ArrayList<>(List.of("helm", command));
    if (!command.equals("lint")) {
      line.add("megalodon");
    }
    if (!command.equals("uninstall")) {
      line.add(chart().toString());
    }
    line.add("--namespace=" + NAMESPACE);
    line.addAll(List.of(arguments));
    return run(line, "");
  }

  /** kubectl, with this text as its standard input. */
  Answer kubectl(String input, String... arguments) {
    List<String> line = new ArrayList<>(List.of("kubectl"));
    line.addAll(List.of(arguments));
    return run(line, input);
  }

  private Answer run(List<String> line, String input) {
    List<String> command = new ArrayList<>(line);
    command.set(0, server.programs().program(line.get(0)).toString());
    try {
      Path file = Files.writeString(Files.createTempFile("chart-input", ".yaml"), input);
      Path output = Files.createTempFile("chart-output", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .redirectInput(file.toFile());
      builder.environment().put("KUBECONFIG", server.kubeconfig().toString());
      Process process = builder.start();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(
            "waited %d s for %s:\n%s".formatted(LIMIT_SECONDS, line, Files.readString(output)));
      }
      String said = Files.readString(output, StandardCharsets.UTF_8);
      Files.delete(file);
      Files.delete(output);
      return new Answer(process.exitValue(), said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + line, e);
    }
  }
}
