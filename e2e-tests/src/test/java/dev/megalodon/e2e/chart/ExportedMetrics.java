package dev.megalodon.e2e.chart;

import dev.megalodon.crds.apiserver.ClusterPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The metrics that operator and workers export, by the names that Prometheus has for them. */
final class ExportedMetrics {
  private static final Pattern IN_PROMETHEUS = Pattern.compile("\\bmegalodon_[a-z0-9_]+");
  private static final Pattern IN_MICROMETER =
      Pattern.compile("\"(megalodon\\.[a-z0-9.]+[a-z0-9])\"");

  /** What Prometheus appends to a meter's name, by its kind and unit. */
  private static final List<String> SUFFIXES =
      List.of("", "_total", "_seconds", "_seconds_sum", "_seconds_count", "_seconds_max", "_bytes");

  private static final Pattern OF_SUMMARIES = Pattern.compile("_(sum|count|max|bucket)$");

  /** Not exported yet; the table of metrics that comes with them takes the place of this. */
  private static final Set<String> COMING =
      Set.of(
          "megalodon_gradient_norm",
          "megalodon_step_phase_seconds_total",
          "megalodon_network_transmit_bytes_total",
          "megalodon_checkpoint_size_bytes");

  private final Set<String> names;

  private ExportedMetrics(Set<String> names) {
    this.names = names;
  }

  /** By the documented table if there is one, else by the meters in the code. */
  static ExportedMetrics find() {
    Path table = ClusterPrograms.repository().resolve("operator/METRICS.md");
    return new ExportedMetrics(Files.exists(table) ? used(read(table)) : inCode());
  }

  boolean contains(String name) {
    return names.contains(name) || names.contains(OF_SUMMARIES.matcher(name).replaceFirst(""));
  }

  @Override
  public String toString() {
    return names.toString();
  }

  /** The names that a text uses. */
  static Set<String> used(String text) {
    return IN_PROMETHEUS
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> inCode() {
    Stream<String> meters =
        Stream.of("operator/src/main", "trainer-worker/src/main")
            .flatMap(folder -> sources(ClusterPrograms.repository().resolve(folder)))
            .flatMap(source -> IN_MICROMETER.matcher(read(source)).results())
            .map(meter -> meter.group(1).replace('.', '_'))
            .flatMap(name -> SUFFIXES.stream().map(name::concat));
    return Stream.concat(COMING.stream(), meters).collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<Path> sources(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
