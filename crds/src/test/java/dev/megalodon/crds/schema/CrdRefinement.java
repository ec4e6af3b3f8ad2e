package dev.megalodon.crds.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Default;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What Fabric8's generator leaves out of a schema, or gets wrong, put right. */
final class CrdRefinement {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Map<Class<?>, String> NUMBER_FORMATS =
      Map.of(
          int.class, "int32",
          Integer.class, "int32",
          long.class, "int64",
          Long.class, "int64",
          double.class, "double",
          Double.class, "double");

  /** Kubernetes' own pattern of a quantity. */
  private static final String QUANTITY =
      "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

  private static final List<String> TIMES =
      List.of(
          "/startTime",
          "/completionTime",
          "/checkpoint/properties/time",
          "/conditions/items/properties/lastTransitionTime",
          "/attempts/items/properties/ended",
          "/attempts/items/properties/detected",
          "/attempts/items/properties/recovered",
          "/ranks/items/properties/nextStart",
          "/time/properties/outageSince");

  private CrdRefinement() {}

  /** Changes a generated CRD in place. */
  static void apply(ObjectNode crd) {
    ObjectNode version = object(crd, "/spec/versions/0");
    orderColumns(version);
    ObjectNode root = object(version, "/schema/openAPIV3Schema");
    root.put("description", "A training run of one Megalodon model over a number of worker pods.");
    root.putArray("required").add("spec");
    root.withObject("/properties/metadata").put("type", "object");
    root.withObject("/properties/metadata/properties/name").put("type", "string"); // for a rule
    ObjectNode spec = object(root, "/properties/spec");
    ObjectNode status = object(root, "/properties/status");
    spec.put("description", "What to train, on what, and how.");
    status.put("description", "What the operator observed.");
    followRecord(spec, MegalodonTrainingJobSpec.class);
    followRecord(status, MegalodonTrainingJobStatus.class);
    listsAreMaps(spec, status);
    quantities(object(spec, "/properties/worker/properties/resources/properties"));
    object(spec, "/properties/worker/properties/template").remove("additionalProperties");
    TIMES.forEach(time -> object(status, "/properties" + time).put("format", "date-time"));
    integersWithoutFraction(root);
  }

  /** The generator sorts columns by path; people read them in the order of the annotations. */
  private static void orderColumns(ObjectNode version) {
    ArrayNode ordered = JSON.createArrayNode();
    for (var column :
        MegalodonTrainingJob.class.getAnnotationsByType(AdditionalPrinterColumn.class)) {
      for (JsonNode generated : version.get("additionalPrinterColumns")) {
        if (generated.get("name").asText().equals(column.name())) {
          ordered.add(generated);
        }
      }
    }
    version.set("additionalPrinterColumns", ordered);
  }

  /** Adds number formats and the defaults of objects, which the generator fills with zeros. */
  private static void followRecord(ObjectNode schema, Class<?> record) {
    for (RecordComponent component : record.getRecordComponents()) {
      ObjectNode property = object(schema, "/properties/" + component.getName());
      followType(property, component.getGenericType());
      Optional.ofNullable(component.getAccessor().getAnnotation(Default.class))
          .filter(ignored -> component.getType().isRecord())
          .ifPresent(annotation -> setObjectDefault(property, annotation.value()));
    }
  }

  /** Rules are checked against a default before those of its own fields apply, so they go in. */
  private static void setObjectDefault(ObjectNode schema, String json) {
    ObjectNode value = json(json);
    for (var property : object(schema, "/properties").properties()) {
      JsonNode inner = property.getValue().get("default");
      if (inner != null && !value.has(property.getKey())) {
        value.set(property.getKey(), inner.deepCopy());
      }
    }
    schema.set("default", value);
  }

  private static void followType(ObjectNode schema, Type type) {
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      followType(object(schema, "/items"), list.getActualTypeArguments()[0]);
    } else if (type instanceof Class<?> record && record.isRecord()) {
      followRecord(schema, record);
    } else if (type instanceof Class<?> number && NUMBER_FORMATS.containsKey(number)) {
      schema.put("format", NUMBER_FORMATS.get(number));
    }
  }

  private static void listsAreMaps(ObjectNode spec, ObjectNode status) {
    listIsMap(object(spec, "/properties/data/properties/volumes"), "name");
    listIsMap(object(status, "/properties/conditions"), "type");
    listIsMap(object(status, "/properties/ranks"), "rank");
    object(status, "/properties/stragglers").put("x-kubernetes-list-type", "atomic");
    object(status, "/properties/attempts").put("x-kubernetes-list-type", "atomic");
  }

  private static void listIsMap(ObjectNode list, String key) {
    list.put("x-kubernetes-list-type", "map");
    list.putArray("x-kubernetes-list-map-keys").add(key);
  }

  private static void quantities(ObjectNode resources) {
    for (String kind : List.of("requests", "limits")) {
      ObjectNode map = (ObjectNode) resources.get(kind);
      map.put("maxProperties", 32);
      ObjectNode quantity = map.putObject("additionalProperties");
      ArrayNode anyOf = quantity.putArray("anyOf");
      anyOf.addObject().put("type", "integer");
      anyOf.addObject().put("type", "string");
      quantity.put("maxLength", 64).put("pattern", QUANTITY);
      quantity.put("x-kubernetes-int-or-string", true);
    }
  }

  /** The model of a schema has doubles for every bound: 1.0E9 becomes 1000000000. */
  private static void integersWithoutFraction(ObjectNode schema) {
    for (String name : List.of("minimum", "maximum", "default")) {
      JsonNode number = schema.path(name);
      if (number.isDouble() && number.doubleValue() == Math.rint(number.doubleValue())) {
        schema.put(name, number.longValue());
      }
    }
    for (JsonNode child : schema) {
      if (child instanceof ObjectNode object) {
        integersWithoutFraction(object);
      }
    }
  }

  private static ObjectNode object(JsonNode parent, String pointer) {
    if (parent.at(pointer) instanceof ObjectNode object) {
      return object;
    }
    throw new IllegalStateException("the generated schema has no object at " + pointer);
  }

  private static ObjectNode json(String text) {
    try {
      return (ObjectNode) JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not the JSON of a default: " + text, e);
    }
  }
}
