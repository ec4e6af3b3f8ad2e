package dev.megalodon.crds.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * The schema in the CRD, for programs that read a job's manifest without an API server. The CRD's
 * rules in CEL are not part of it.
 */
public final class JobSchema {
  private static final String CRD = "/crd/megalodontrainingjobs.training.megalodon.dev.yaml";
  private static final String EXTENSION = "x-kubernetes-";
  private static final String KEEPS_UNKNOWN_FIELDS = EXTENSION + "preserve-unknown-fields";

  private final JsonNode schema;

  private JobSchema(JsonNode schema) {
    this.schema = schema;
  }

  /** The schema of the version that this program was built with. */
  public static JobSchema load() {
    try (InputStream file = JobSchema.class.getResourceAsStream(CRD)) {
      if (file == null) {
        throw new IllegalStateException("no " + CRD + " on the class path");
      }
      return new JobSchema(
          new YAMLMapper().readTree(file).at("/spec/versions/0/schema/openAPIV3Schema"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fills the CRD's defaults into a manifest, in place, as an API server does. */
  public ObjectNode withDefaults(ObjectNode manifest) {
    fillIn(manifest, schema);
    return manifest;
  }

  private static void fillIn(JsonNode value, JsonNode schema) {
    if (value instanceof ObjectNode object) {
      for (var property : schema.path("properties").properties()) {
        JsonNode byDefault = property.getValue().get("default");
        if (byDefault != null && !object.has(property.getKey())) {
          object.set(property.getKey(), byDefault.deepCopy());
        }
        fillIn(object.path(property.getKey()), property.getValue());
      }
    }
    if (value.isArray()) {
      value.forEach(item -> fillIn(item, schema.path("items")));
    }
  }

  /** The schema of {@code spec}, in JSON Schema draft 4, refusing fields that it does not know. */
  public JsonNode strictSpec() {
    ObjectNode spec = schema.at("/properties/spec").deepCopy();
    makeStrict(spec);
    return spec;
  }

  private static void makeStrict(JsonNode node) {
    if (node instanceof ObjectNode object) {
      if (object.path("properties").isObject() && !object.path(KEEPS_UNKNOWN_FIELDS).asBoolean()) {
        object.put("additionalProperties", false);
      }
      object.remove(
          object
              .propertyStream()
              .map(Map.Entry::getKey)
              .filter(name -> name.startsWith(EXTENSION))
              .toList());
    }
    node.forEach(JobSchema::makeStrict);
  }
}
