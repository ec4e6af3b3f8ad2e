package dev.megalodon.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.ClusterPrograms;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** helm and kubectl as a person uses them, on the chart of this project and a test's server. */
final class Release {
  static final String NAMESPACE = "megalodon-system";

  private static final long LIMIT_SECONDS = 60;

  private static final Set<String> WITHOUT_NAME = Set.of("lint");
  private static final Set<String> WITHOUT_CHART = Set.of("uninstall", "rollback", "history");

  private final ApiServer server;
  private final Path chart;

  Release(ApiServer server) {
    this(server, chart());
  }

  /** A release of another chart, such as an older one of this project's. */
  Release(ApiServer server, Path chart) {
    this.server = server;
    this.chart = chart;
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
    if (!WITHOUT_NAME.contains(command)) {
      line.add("megalodon");
    }
    if (!WITHOUT_CHART.contains(command)) {
      line.add(chart.toString());
    }
    line.add("--namespace=" + NAMESPACE);
    line.addAll(List.of(arguments));
    return run(line, "");
  }

  /** The objects that {@code helm template} makes with these arguments. */
  List<HasMetadata> objects(String... arguments) {
    String manifests = helm("template", arguments).successful().output();
    return Arrays.stream(manifests.split("(?m)^---$"))
        .filter(document -> !document.isBlank())
        .map(document -> (Object) Serialization.unmarshal(document))
        .filter(HasMetadata.class::isInstance)
        .map(HasMetadata.class::cast)
        .toList();
  }

  /** The objects of one type among them. */
  <T> List<T> objects(Class<T> type, String... arguments) {
    return objects(arguments).stream().filter(type::isInstance).map(type::cast).toList();
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
