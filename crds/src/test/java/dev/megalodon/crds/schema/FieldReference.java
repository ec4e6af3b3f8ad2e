package dev.megalodon.crds.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** A page with every field of the CRD: what it is, what it may be, and the rules across fields. */
final class FieldReference {
  /** The committed file, relative to this module. */
  static final Path FILE = Path.of("REFERENCE.md");

  private static final String HEADER =
      """
      # Every field of a MegalodonTrainingJob
      Generated from the CRD; do not edit. Regenerate with `make crds`. On a cluster: `kubectl explain mtj.spec --recursive`.
      Fields in bold are required. `[]` is an element of a list, `{}` a value of a map.
      """;

  private static final Map<String, String> BOUNDS =
      Map.of(
          "minimum", "≥ ",
          "maximum", "≤ ",
          "minLength", "length ≥ ",
          "maxLength", "length ≤ ",
          "minItems", "entries ≥ ",
          "maxItems", "entries ≤ ");

  private final StringBuilder page = new StringBuilder(HEADER);
  private final Set<String> rules = new TreeSet<>();

  private FieldReference() {}

  /** The page of a CRD in YAML. */
  static String of(String crd) {
    try {
      JsonNode schema = CrdDocument.parse(crd).at("/spec/versions/0/schema/openAPIV3Schema");
      FieldReference reference = new FieldReference();
      reference.rulesOf("", schema);
      reference.section("spec", schema);
      reference.section("status", schema);
      return reference.withRules();
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void section(String name, JsonNode root) {
    JsonNode schema = root.at("/properties/" + name);
    page.append("\n## %s\n%s\n\n".formatted(name, schema.path("description").asText()));
    page.append("| field | type | default | |\n| --- | --- | --- | --- |\n");
    rulesOf(name, schema);
    fields(name, schema);
  }

  private void fields(String path, JsonNode schema) {
    Set<String> required = texts(schema.path("required"));
    Set<String> names = new TreeSet<>();
    schema.path("properties").fieldNames().forEachRemaining(names::add);
    for (String name : names) {
      JsonNode field = schema.get("properties").get(name);
      row(path + "." + name, field, required.contains(name));
      nested(path + "." + name, field);
    }
  }

  private void nested(String path, JsonNode field) {
    rulesOf(path, field);
    fields(path, field);
    if (field.has("items")) {
      rulesOf(path + "[]", field.get("items"));
      fields(path + "[]", field.get("items"));
    }
    if (field.path("additionalProperties").isObject()) {
      fields(path + "{}", field.get("additionalProperties"));
    }
  }

  private void row(String path, JsonNode field, boolean required) {
    String name = "`%s`".formatted(path);
    page.append(
        "| %s | %s | %s | %s |\n"
            .formatted(
                required ? "**" + name + "**" : name,
                type(field),
                defaultOf(field),
                cell(field.path("description").asText())));
  }

  private static String type(JsonNode field) {
    List<String> words = new ArrayList<>();
    words.add(kind(field));
    BOUNDS.keySet().stream()
        .sorted()
        .filter(field::has)
        .forEach(bound -> words.add(BOUNDS.get(bound) + field.get(bound).asText()));
    if (field.has("enum")) {
      words.add(String.join(", ", values(field.get("enum"))));
    }
    return cell(String.join("; ", words));
  }

  private static String kind(JsonNode field) {
    if (field.path("x-kubernetes-int-or-string").asBoolean()) {
      return "quantity";
    }
    return switch (field.path("type").asText("any")) {
      case "array" -> "list of " + kind(field.get("items"));
      case "string" -> field.path("format").asText("string");
      case "object" -> field.path("additionalProperties").isObject() ? "map" : "object";
      case String other -> other;
    };
  }

  private static String defaultOf(JsonNode field) {
    JsonNode value = field.path("default");
    return value.isMissingNode() || value.isContainerNode() ? "" : "`" + value.asText() + "`";
  }

  private void rulesOf(String path, JsonNode schema) {
    for (JsonNode rule : schema.path("x-kubernetes-validations")) {
      String where = path + rule.path("fieldPath").asText();
      String stripped = where.startsWith(".") ? where.substring(1) : where;
      rules.add("- `%s`: %s".formatted(stripped, rule.path("message").asText()));
    }
  }

  private String withRules() {
    return page
        + "\n## Rules\nThe API server refuses a job, or a change of one, that breaks one of these.\n\n"
        + String.join("\n", rules)
        + "\n";
  }

  private static Set<String> texts(JsonNode list) {
    return values(list).stream().collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> values(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ");
  }
}
