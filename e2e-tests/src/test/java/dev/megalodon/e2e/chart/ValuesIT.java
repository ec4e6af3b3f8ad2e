package dev.megalodon.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.ApiServerExtension;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What values.schema.json takes and what it refuses: helm itself judges. */
@ExtendWith(ApiServerExtension.class)
class ValuesIT {
  /** The file with every value at another value than its default. */
  static final Path ALL =
      Release.chart().resolve("../../e2e-tests/src/test/resources/chart/all-values.yaml");

  private static final String MISSPELT = "misspelt";

  private final Release release;

  @TempDir private Path folder;

  ValuesIT(ApiServer server) {
    this.release = new Release(server);
  }

  @Test
  void shouldTakeEveryDocumentedValue() throws IOException {
    release.helm("lint", "--strict", "--values=" + ALL).successful();
    assertEquals(
        List.of(),
        differences("", defaults(), read(ALL)),
        "all-values.yaml must have every value of values.yaml, at another value");
  }

  @Test
  void shouldKnowNoValueThatIsNotDocumented() throws IOException {
    JsonNode schema = read(Release.chart().resolve("values.schema.json"));
    Set<String> known = names(schema.get("properties"));
    known.remove("global"); // Helm's own
    assertEquals(names(defaults()), known);
    String readme = Files.readString(Release.chart().resolve("README.md"));
    for (String value : known) {
      assertTrue(readme.contains("`" + value), value + " is not in the chart's README");
    }
  }

  @Test
  void shouldRefuseAMisspeltKeyInEveryObject() throws IOException {
    JsonNode values = read(ALL);
    List<String> objects = new ArrayList<>();
    misspell("", values, objects);
    String refusal = refusal(values);
    for (String object : objects) {
      boolean named =
          refusal
              .lines()
              .anyMatch(
                  line ->
                      line.contains("at '" + object + "'") && line.contains(MISSPELT)
                          || line.contains("at '" + object + "/" + MISSPELT + "'"));
      assertTrue(named, () -> object + "/" + MISSPELT + " is not refused:\n" + refusal);
    }
    assertTrue(objects.size() > 50, objects.toString());
  }

  @Test
  void shouldRefuseAWrongTypeOfEveryValue() throws IOException {
    JsonNode values = read(ALL);
    List<String> scalars = new ArrayList<>();
    mistype("", values, scalars);
    assertAllNamed(refusal(values), scalars);
    ObjectNode flattened = (ObjectNode) read(ALL);
    List<String> containers =
        names(flattened).stream().filter(name -> flattened.get(name).isContainerNode()).toList();
    containers.forEach(name -> flattened.set(name, BooleanNode.TRUE));
    assertAllNamed(refusal(flattened), containers.stream().map(name -> "/" + name).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replicas=-1",
        "image.pullPolicy=Sometimes",
        "worker.userId=0",
        "worker.sharedMemory=lots",
        "progress.mode=push",
        "progress.interval=5",
        "watchNamespaces={Team_A}",
        "nameOverride=Megalodon",
        "logLevel=LOUD",
        "logFormat=xml",
        "dnsPolicy=Mine",
        "strategy.type=Rolling",
        "podDisruptionBudget.maxUnavailable=half",
        "networkPolicy.apiServer.ports={0}",
        "networkPolicy.apiServer.cidrs={example.org}",
        "metrics.podMonitor.interval=often",
      })
  void shouldRefuseWhatCannotBeMeant(String value) {
    Release.Answer answer = release.helm("template", "--set=" + value);
    assertNotEquals(0, answer.exitCode(), answer.output());
    String path = "/" + value.substring(0, value.indexOf('=')).replace('.', '/');
    assertTrue(answer.output().contains("at '" + path), answer.output());
  }

  private static void assertAllNamed(String refusal, List<String> paths) {
    assertFalse(paths.isEmpty());
    for (String path : paths) {
      assertTrue(
          refusal.contains("at '" + path + "':"), () -> path + " is not refused:\n" + refusal);
    }
  }

  /** Paths of values that are missing in the other file or the same there. */
  private static List<String> differences(String path, JsonNode defaults, JsonNode all) {
    List<String> found = new ArrayList<>();
    defaults
        .properties()
        .forEach(
            value -> {
              String at = path + "/" + value.getKey();
              JsonNode other = all.get(value.getKey());
              boolean isGroup = value.getValue().isObject() && !value.getValue().isEmpty();
              if (other == null || !isGroup && isUnchanged(at, value.getValue(), other)) {
                found.add(at);
              } else if (isGroup) {
                found.addAll(differences(at, value.getValue(), other));
              }
            });
    return found;
  }

  /** Security contexts keep what Pod Security demands; a ServiceMonitor needs a Service. */
  private static boolean isUnchanged(String path, JsonNode value, JsonNode other) {
    boolean isFree =
        path.matches("(/podSecurityContext|/securityContext|/strategy/type).*")
            || path.equals("/metrics/serviceMonitor/enabled");
    return !isFree && value.equals(other);
  }

  /** Puts a key that nothing knows into every object; the paths of the objects. */
  private static void misspell(String path, JsonNode node, List<String> objects) {
    for (var child : List.copyOf(node.properties())) {
      misspell(path + "/" + child.getKey(), child.getValue(), objects);
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      misspell(path + "/" + i, node.get(i), objects);
    }
    if (node instanceof ObjectNode object) {
      object.putObject(MISSPELT);
      objects.add(path);
    }
  }

  /** Puts a list in place of every plain value; the paths of those. */
  private static void mistype(String path, JsonNode node, List<String> scalars) {
    for (var child : List.copyOf(node.properties())) {
      String at = path + "/" + child.getKey().replace("/", "~1");
      if (child.getValue().isValueNode()) {
        ((ObjectNode) node).set(child.getKey(), JsonNodeFactory.instance.arrayNode());
        scalars.add(at);
      } else {
        mistype(at, child.getValue(), scalars);
      }
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      mistype(path + "/" + i, node.get(i), scalars);
    }
  }

  private String refusal(JsonNode values) throws IOException {
    Path file = Files.writeString(folder.resolve("values.yaml"), values.toString());
    Release.Answer answer = release.helm("template", "--values=" + file);
    assertNotEquals(0, answer.exitCode(), answer.output());
    return answer.output();
  }

  private static JsonNode defaults() throws IOException {
    return read(Release.chart().resolve("values.yaml"));
  }

  private static JsonNode read(Path file) throws IOException {
    return Serialization.unmarshal(Files.readString(file), JsonNode.class);
  }

  private static Set<String> names(JsonNode object) {
    Set<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
