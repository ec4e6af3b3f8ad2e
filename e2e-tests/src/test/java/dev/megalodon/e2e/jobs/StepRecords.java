package dev.megalodon.e2e.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What rank 0 wrote of each step: {@code steps.jsonl} in the job's checkpoint folder. */
record StepRecords(List<JsonNode> lines) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Reads the file; the last line counts only when it is whole. */
  static StepRecords read(Path jobFolder) {
    Path file = jobFolder.resolve("steps.jsonl");
    if (!Files.exists(file)) {
      return new StepRecords(List.of());
    }
    try {
      String text = Files.readString(file);
      List<JsonNode> lines = new ArrayList<>();
      for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
        JsonNode node = parse(line);
        if (node.path("kind").asText().equals("step")) {
          lines.add(node);
        }
      }
      return new StepRecords(lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A line; one that a crash has torn is nothing. */
  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  /** The newest step; 0 before the first. */
  long newest() {
    return lines.isEmpty() ? 0 : lines.getLast().get("step").asLong();
  }

  /** Rendezvous epochs in which steps were made, in order. */
  List<String> epochs() {
    return lines.stream().map(line -> line.get("epoch").asText()).distinct().toList();
  }

  /** First step that was made in an epoch. */
  long firstStepOf(String epoch) {
    return lines.stream()
        .filter(line -> line.get("epoch").asText().equals(epoch))
        .findFirst()
        .orElseThrow()
        .get("step")
        .asLong();
  }

  /** The losses of all steps in order; a step must not have been made twice. */
  double[] losses() {
    return numbers("loss");
  }

  /** The gradient norms of all steps in order; a step must not have been made twice. */
  double[] gradientNorms() {
    return numbers("gradientNorm");
  }

  private double[] numbers(String field) {
    return lines.stream().mapToDouble(line -> line.get(field).asDouble()).toArray();
  }

  /** Loss and gradient norm of each step, exactly; of a step made twice, the later. */
  SortedMap<Long, String> bits() {
    SortedMap<Long, String> bits = new TreeMap<>();
    for (JsonNode line : lines) {
      bits.put(
          line.get("step").asLong(),
          line.get("lossBits").asText() + " " + line.get("gradientNormBits").asText());
    }
    return bits;
  }
}
