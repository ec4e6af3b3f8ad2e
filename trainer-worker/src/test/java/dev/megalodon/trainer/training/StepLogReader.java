package dev.megalodon.trainer.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads steps.jsonl: of several lines for one step, the last. */
public final class StepLogReader {
  private StepLogReader() {}

  /** The exact loss of every step, as a hexadecimal double. */
  public static SortedMap<Long, String> losses(Path jobFolder) throws IOException {
    return read(jobFolder, "step", "lossBits");
  }

  /** The exact held-out loss by step, as a hexadecimal double. */
  public static SortedMap<Long, String> heldOutLosses(Path jobFolder) throws IOException {
    return read(jobFolder, "evaluation", "heldOutLossBits");
  }

  /** How many steps were finished and made again. */
  public static int repeatedSteps(Path jobFolder) throws IOException {
    List<Long> steps =
        lines(jobFolder, "step").stream().map(line -> line.get("step").longValue()).toList();
    return steps.size() - Set.copyOf(steps).size();
  }

  private static SortedMap<Long, String> read(Path jobFolder, String kind, String field)
      throws IOException {
    SortedMap<Long, String> values = new TreeMap<>();
    for (JsonNode line : lines(jobFolder, kind)) {
      values.put(line.get("step").longValue(), line.get(field).textValue());
    }
    return values;
  }

  private static List<JsonNode> lines(Path jobFolder, String kind) throws IOException {
    Path file = jobFolder.resolve("steps.jsonl");
    if (Files.notExists(file)) {
      return List.of();
    }
    String whole = Files.readString(file);
    List<JsonNode> nodes = new ArrayList<>();
    // The last line may be half written.
    for (String line : whole.substring(0, whole.lastIndexOf('\n') + 1).lines().toList()) {
      JsonNode node = parse(line);
      if (node.path("kind").asText().equals(kind)) {
        nodes.add(node);
      }
    }
    return nodes;
  }

  /** A line; one that a crash has torn is nothing. */
  private static JsonNode parse(String line) {
    try {
      return JsonMapper.builder().build().readTree(line);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }
}
