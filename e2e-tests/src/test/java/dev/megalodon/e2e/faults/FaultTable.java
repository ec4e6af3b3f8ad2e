package dev.megalodon.e2e.faults;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows as Markdown for people and as JSON for programs. */
record FaultTable(List<FaultRow> rows) {
  private static final String HEAD =
      """
      | fault | detected after | recovered after | steps lost | equal to the uninterrupted run | went on from | charged |
      |---|---|---|---|---|---|---|
      """;

  /** The table, and below it what is not as it must be. */
  String markdown() {
    String lines = rows.stream().map(FaultTable::line).collect(Collectors.joining("\n"));
    String problems =
        rows.stream()
            .flatMap(row -> row.problems().stream().map(it -> "- " + row.fault() + ": " + it))
            .collect(Collectors.joining("\n"));
    return HEAD
        + lines
        + "\n"
        + (problems.isEmpty() ? "" : "\nNot as it must be:\n" + problems + "\n");
  }

  private static String line(FaultRow row) {
    return "| %s | %s | %s | %d | %s | %s | %d |"
        .formatted(
            row.fault(),
            seconds(row.detectedSeconds(), "–"),
            seconds(row.recoveredSeconds(), "no"),
            row.lostSteps(),
            row.equal() ? "yes" : "no",
            row.source() == null ? "–" : row.source().toLowerCase(Locale.ROOT),
            row.restarts());
  }

  private static String seconds(@Nullable Double value, String absent) {
    return value == null ? absent : String.format(Locale.ROOT, "%.1f s", value);
  }

  /** Writes {@code faults.json} and {@code faults.md} beside each other. */
  void write(Path json) {
    try {
      Files.createDirectories(json.getParent());
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build()
          .writeValue(json.toFile(), rows);
      Files.writeString(json.resolveSibling("faults.md"), markdown());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
