package dev.megalodon.trainer.cli.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A field of a spec and the value it gets, as {@code training.steps=800} or {@code
 * data.sources[0].path=books}. The value is YAML, so numbers are numbers.
 *
 * @param path fields and indices, from the spec down
 */
record Assignment(List<String> path, JsonNode value) {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final Pattern PATH =
      Pattern.compile("[A-Za-z][A-Za-z0-9]*(\\.[A-Za-z][A-Za-z0-9]*|\\[[0-9]{1,6}\\])*");
  private static final Pattern PART = Pattern.compile("[A-Za-z0-9]+");

  /**
   * Reads one.
   *
   * @throws WorkerExit {@code BAD_SPEC} when it is none
   */
  static Assignment parse(String text) {
    int equals = text.indexOf('=');
    String path = equals < 0 ? "" : text.substring(0, equals);
    String below = path.startsWith("spec.") ? path.substring("spec.".length()) : path;
    if (!PATH.matcher(below).matches()) {
      throw bad(text, "write it as training.steps=800 or data.sources[0].path=books");
    }
    List<String> parts = new ArrayList<>();
    Matcher part = PART.matcher(below);
    while (part.find()) {
      parts.add(part.group());
    }
    try {
      return new Assignment(List.copyOf(parts), YAML.readTree(text.substring(equals + 1)));
    } catch (JsonProcessingException e) {
      throw bad(text, "its value is not YAML: " + e.getOriginalMessage());
    }
  }

  private static WorkerExit bad(String text, String why) {
    return new WorkerExit(ExitCode.BAD_SPEC, "--set %s: %s".formatted(text, why));
  }

  /** Sets the field; objects on the way that are not there are made, elements of lists are not. */
  void applyTo(ObjectNode spec) {
    JsonNode node = spec;
    for (String part : path.subList(0, path.size() - 1)) {
      node = child(node, part);
    }
    String last = path.getLast();
    switch (node) {
      case ObjectNode object -> object.set(last, value);
      case ArrayNode array when isElement(array, last) -> array.set(Integer.parseInt(last), value);
      default -> throw bad(String.join(".", path), "there is no such field to set");
    }
  }

  private JsonNode child(JsonNode node, String part) {
    return switch (node) {
      case ObjectNode object when object.path(part).isContainerNode() -> object.get(part);
      case ObjectNode object when !object.has(part) -> object.putObject(part);
      case ArrayNode array when isElement(array, part) -> array.get(Integer.parseInt(part));
      default -> throw bad(String.join(".", path), "there is no '%s' on the way".formatted(part));
    };
  }

  private static boolean isElement(ArrayNode array, String part) {
    return part.chars().allMatch(Character::isDigit) && Integer.parseInt(part) < array.size();
  }
}
