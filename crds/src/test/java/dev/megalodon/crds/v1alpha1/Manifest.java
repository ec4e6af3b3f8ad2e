package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A job as a person writes it: a sample, with changes; untyped, so that it can be wrong. */
final class Manifest {
  private static final ObjectMapper YAML = new YAMLMapper();

  private final ObjectNode content;

  private Manifest(ObjectNode content) {
    this.content = content;
  }

  /** One of the files in {@code crds/samples}. */
  static Manifest sample(String file) {
    try {
      return new Manifest((ObjectNode) YAML.readTree(Files.readString(Path.of("samples", file))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Manifest of(GenericKubernetesResource resource) {
    return new Manifest((ObjectNode) new ObjectMapper().valueToTree(resource));
  }

  Manifest named(String name) {
    return with("/metadata/name", "'" + name + "'");
  }

  /** A copy with this value, written as YAML, at a path such as {@code /spec/training/steps}. */
  Manifest with(String path, String yaml) {
    ObjectNode copy = content.deepCopy();
    JsonPointer pointer = JsonPointer.compile(path);
    JsonNode parent = copy.withObject(pointer.head(), JsonNode.OverwriteMode.NULLS, true);
    ((ObjectNode) parent).set(pointer.last().getMatchingProperty(), yaml(yaml));
    return new Manifest(copy);
  }

  /** A copy without what is at this path. */
  Manifest without(String path) {
    ObjectNode copy = content.deepCopy();
    JsonPointer pointer = JsonPointer.compile(path);
    if (!(copy.at(pointer.head()) instanceof ObjectNode parent)
        || parent.remove(pointer.last().getMatchingProperty()) == null) {
      throw new IllegalArgumentException("nothing to remove at " + path);
    }
    return new Manifest(copy);
  }

  JsonNode at(String path) {
    return content.at(path);
  }

  GenericKubernetesResource resource() {
    return new ObjectMapper().convertValue(content, GenericKubernetesResource.class);
  }

  static List<String> sampleFiles() {
    try (var files = Files.list(Path.of("samples"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode yaml(String text) {
    try {
      return YAML.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not YAML: " + text, e);
    }
  }
}
