package dev.megalodon.e2e.chart;

import dev.megalodon.crds.apiserver.ClusterPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The metrics that operator and workers export, by the names that Prometheus has for them: those of
 * {@code operator/METRICS.md}, which tests hold to the real endpoints.
 */
final class ExportedMetrics {
  private static final Pattern NAME =
      Pattern.compile("\\b(megalodon|process|jvm|reconciliations)_[a-z0-9_]+");
  private static final Pattern OF_SUMMARIES = Pattern.compile("_(sum|count|max|bucket)$");

  private final Set<String> names;

  private ExportedMetrics(Set<String> names) {
    this.names = names;
  }

  static ExportedMetrics find() {
    Path table = ClusterPrograms.repository().resolve("operator/METRICS.md");
    try {
      return new ExportedMetrics(used(Files.readString(table)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
    return NAME.matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
