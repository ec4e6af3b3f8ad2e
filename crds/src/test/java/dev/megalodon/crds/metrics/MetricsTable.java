package dev.megalodon.crds.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rows of one section of {@code operator/METRICS.md}, to be compared with a scrape. */
public final class MetricsTable {
  private static final String OWN = "megalodon_";
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");
  private static final Pattern SAMPLE =
      Pattern.compile("(?m)^([a-zA-Z0-9_:]+)(?:\\{(.*?)})? \\S+(?: # .*)?$"); // then an exemplar
  private static final Pattern LABEL = Pattern.compile("([a-zA-Z0-9_]+)=\"(?:[^\"\\\\]|\\\\.)*\"");
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
  private static final Set<String> OF_THE_FORMAT = Set.of("le", "quantile");

  private final Map<String, Metric> rows;

  /**
   * A metric.
   *
   * @param type counter, gauge, histogram or summary
   * @param labels names of its labels
   */
  public record Metric(String type, Set<String> labels) {
    public Metric {
      labels = Set.copyOf(labels);
    }
  }

  private MetricsTable(Map<String, Metric> rows) {
    this.rows = rows;
  }

  /**
   * Reads the rows below a heading.
   *
   * @param common labels that every series has and no row names
   */
  public static MetricsTable read(Path file, String heading, Set<String> common)
      throws IOException {
    String below = Files.readString(file).split("(?m)^## " + heading + "$", 2)[1];
    String section = below.split("(?m)^## ", 2)[0];
    Map<String, Metric> rows = new TreeMap<>();
    section.lines().filter(line -> line.startsWith("| `")).forEach(line -> add(rows, line, common));
    return new MetricsTable(rows);
  }

  private static void add(Map<String, Metric> rows, String line, Set<String> common) {
    List<String> cells = Arrays.stream(line.split("\\|")).map(String::strip).toList();
    Set<String> labels = new TreeSet<>(quoted(cells.get(4)));
    labels.addAll(common);
    rows.put(quoted(cells.get(1)).getFirst(), new Metric(cells.get(2), labels));
  }

  private static List<String> quoted(String cell) {
    return QUOTED.matcher(cell).results().map(match -> match.group(1)).toList();
  }

  /** What is in a text of Prometheus' format, but for the maxima that go with histograms. */
  public static Map<String, Metric> exported(String scrape) {
    Map<String, String> types =
        TYPE.matcher(scrape)
            .results()
            .collect(
                Collectors.toMap(
                    type -> sampleName(type.group(1), type.group(2)), type -> type.group(2)));
    Map<String, Metric> metrics = new TreeMap<>();
    types.forEach(
        (name, type) -> {
          if (!name.endsWith("_max") || !types.containsKey(name.replaceFirst("_max$", ""))) {
            metrics.put(name, new Metric(type, labels(name, scrape)));
          }
        });
    return metrics;
  }

  /** OpenMetrics names the family of a counter, Prometheus' older format its sample. */
  private static String sampleName(String family, String type) {
    return type.equals("counter") && !family.endsWith("_total") ? family + "_total" : family;
  }

  private static Set<String> labels(String name, String scrape) {
    return SAMPLE
        .matcher(scrape)
        .results()
        .filter(sample -> isOf(name, sample))
        .flatMap(sample -> sample.group(2) == null ? Stream.of() : labels(sample.group(2)))
        .filter(label -> !OF_THE_FORMAT.contains(label))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean isOf(String name, MatchResult sample) {
    return sample.group(1).equals(name)
        || sample.group(1).equals(name + "_count")
        || sample.group(1).equals(name + "_bucket");
  }

  private static Stream<String> labels(String pairs) {
    return LABEL.matcher(pairs).results().map(label -> label.group(1));
  }

  /**
   * What is wrong: an own metric that has no row, and a row that is not exported so.
   *
   * @param scrape a text of Prometheus' format
   * @return empty if table and scrape agree
   */
  public List<String> problems(String scrape) {
    Map<String, Metric> exported = exported(scrape);
    Stream<String> unknown =
        exported.keySet().stream()
            .filter(name -> name.startsWith(OWN) && !rows.containsKey(name))
            .map(name -> "%s is exported as %s and has no row".formatted(name, exported.get(name)));
    Stream<String> different =
        rows.entrySet().stream()
            .filter(row -> !row.getValue().equals(exported.get(row.getKey())))
            .map(
                row ->
                    "the table says %s, exported is %s".formatted(row, exported.get(row.getKey())));
    return Stream.concat(unknown, different).toList();
  }
}
