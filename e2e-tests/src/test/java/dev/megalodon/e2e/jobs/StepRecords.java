package dev.megalodon.e2e.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** What rank 0 wrote of each step: {@code steps.jsonl} in the job's checkpoint folder. */
public record StepRecords(List<JsonNode> lines) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** No step yet. */
  public static StepRecords none() {
    return new StepRecords(List.of());
  }

  /**
   * Reads the file. A line counts only when it is whole: the last may be in the writing, and a
   * volume that was full for a while may have taken a part of one.
   */
  public static StepRecords read(Path jobFolder) {
    Path file = jobFolder.resolve("steps.jsonl");
    if (!Files.exists(file)) {
      return none();
    }
    try {
      String text = Files.readString(file);
      List<JsonNode> lines = new ArrayList<>();
      for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
        parse(line).filter(node -> node.path("kind").asText().equals("step")).ifPresent(lines::add);
      }
      return new StepRecords(lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<JsonNode> parse(String line) {
    try {
      return Optional.of(JSON.readTree(line));
    } catch (JsonProcessingException torn) {
      return Optional.empty();
    }
  }

  /** Steps that were finished and made again, each as often as it was made again. */
  public long madeAgain() {
    return lines.size() - bits().size();
  }

  /** The first step that was made in none of these epochs. */
  public Optional<JsonNode> firstOutside(Collection<String> epochs) {
    return lines.stream().filter(line -> !epochs.contains(line.get("epoch").asText())).findFirst();
  }

  /** When the first step was finished that none of these epochs made. */
  public Optional<Instant> firstOutsideAt(Collection<String> epochs) {
    return firstOutside(epochs).map(line -> Instant.parse(line.get("time").asText()));
  }

  /** When each line was written. */
  public List<Instant> times() {
    return lines.stream().map(line -> Instant.parse(line.get("time").asText())).toList();
  }

  /** The median time from one step to the next: recoveries and warm-up are few and long. */
  public Duration usualStep() {
    List<Instant> times = times();
    return IntStream.range(1, times.size())
        .mapToObj(i -> Duration.between(times.get(i - 1), times.get(i)))
        .sorted()
        .skip(Math.max(0, times.size() - 1) / 2)
        .findFirst()
        .orElse(Duration.ZERO);
  }

  /** The newest step; 0 before the first. */
  public long newest() {
    return lines.isEmpty() ? 0 : lines.getLast().get("step").asLong();
  }

  /** Rendezvous epochs in which steps were made, in order. */
  public List<String> epochs() {
    return lines.stream().map(line -> line.get("epoch").asText()).distinct().toList();
  }

  /** First step that was made in an epoch. */
  public long firstStepOf(String epoch) {
    return lines.stream()
        .filter(line -> line.get("epoch").asText().equals(epoch))
        .findFirst()
        .orElseThrow()
        .get("step")
        .asLong();
  }

  /** The losses of all steps in order; a step must not have been made twice. */
  public double[] losses() {
    return numbers("loss");
  }

  /** The gradient norms of all steps in order; a step must not have been made twice. */
  public double[] gradientNorms() {
    return numbers("gradientNorm");
  }

  private double[] numbers(String field) {
    return lines.stream().mapToDouble(line -> line.get(field).asDouble()).toArray();
  }

  /** Loss and gradient norm of each step, exactly; of a step made twice, the later. */
  public SortedMap<Long, String> bits() {
    SortedMap<Long, String> bits = new TreeMap<>();
    for (JsonNode line : lines) {
      bits.put(
          line.get("step").asLong(),
          line.get("lossBits").asText() + " " + line.get("gradientNormBits").asText());
    }
    return bits;
  }
}
