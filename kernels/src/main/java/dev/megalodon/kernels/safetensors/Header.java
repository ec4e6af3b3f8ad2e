package dev.megalodon.kernels.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The JSON header of a file.
 *
 * @param metadata free text by key
 * @param tensors in the order of their bytes, without gaps or overlaps
 */
record Header(SortedMap<String, String> metadata, List<TensorInfo> tensors) {
  /** The length field before the header. */
  static final int LENGTH_BYTES = 8;

  /** No header is longer: a larger length field is taken for damage. */
  static final long MAX_BYTES = 100_000_000;

  private static final String METADATA = "__metadata__";
  private static final int ALIGNMENT = 8;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  Header {
    metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
    tensors = List.copyOf(tensors);
  }

  /** Bytes of tensors after the header. */
  long dataBytes() {
    return tensors.isEmpty() ? 0 : tensors.getLast().end();
  }

  /** Tensors by name, in the order of their bytes. */
  Map<String, TensorInfo> byName() {
    Map<String, TensorInfo> result = new LinkedHashMap<>();
    tensors.forEach(tensor -> result.put(tensor.name(), tensor));
    return result;
  }

  /** The header as JSON, padded with spaces so that the tensors start at a multiple of 8 bytes. */
  byte[] encode() {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = root.putObject(METADATA);
      metadata.forEach(node::put);
    }
    for (TensorInfo tensor : tensors) {
      ObjectNode node = root.putObject(tensor.name());
      node.put("dtype", tensor.type().name());
      tensor.dims().forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(tensor.begin()).add(tensor.end());
    }
    return pad(bytesOf(root));
  }

  private static byte[] bytesOf(JsonNode root) {
    try {
      return JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
    }
  }

  private static byte[] pad(byte[] json) {
    byte[] padded = new byte[Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT];
    Arrays.fill(padded, (byte) ' ');
    System.arraycopy(json, 0, padded, 0, json.length);
    return padded;
  }

  /**
   * Reads a header and checks that its tensors tile {@code dataBytes} exactly.
   *
   * @throws SafetensorsException naming the file, and the tensor where there is one
   */
  static Header decode(Path file, byte[] json, long dataBytes) throws SafetensorsException {
    if (json.length == 0 || json[0] != '{') {
      throw new SafetensorsException(file, "the header does not begin with '{'");
    }
    JsonNode root = parse(file, json);
    SortedMap<String, String> metadata = new TreeMap<>();
    List<TensorInfo> tensors = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getKey().equals(METADATA)) {
        metadata.putAll(metadata(file, field.getValue()));
      } else {
        tensors.add(tensor(file, field.getKey(), field.getValue()));
      }
    }
    tensors.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
    checkTiling(file, tensors, dataBytes);
    return new Header(metadata, tensors);
  }

  private static JsonNode parse(Path file, byte[] json) throws SafetensorsException {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      SafetensorsException problem =
          new SafetensorsException(file, "the header is not JSON: " + e.getMessage());
      problem.initCause(e);
      throw problem;
    }
  }

  private static Map<String, String> metadata(Path file, JsonNode node)
      throws SafetensorsException {
    Map<String, String> result = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getValue().isTextual()) {
        throw new SafetensorsException(file, "metadata '" + field.getKey() + "' is not text");
      }
      result.put(field.getKey(), field.getValue().textValue());
    }
    return result;
  }

  private static TensorInfo tensor(Path file, String name, JsonNode node)
      throws SafetensorsException {
    DataType type = type(file, name, node.path("dtype").asText());
    List<Long> dims = numbers(file, name, node.path("shape"), "shape");
    List<Long> offsets = numbers(file, name, node.path("data_offsets"), "data_offsets");
    if (offsets.size() != 2) {
      throw new SafetensorsException(file, name, "needs two data_offsets, not " + offsets);
    }
    TensorInfo tensor = new TensorInfo(name, type, dims, offsets.get(0), offsets.get(1));
    checkSize(file, tensor);
    return tensor;
  }

  private static DataType type(Path file, String name, String dtype) throws SafetensorsException {
    for (DataType type : DataType.values()) {
      if (type.name().equals(dtype)) {
        return type;
      }
    }
    throw new SafetensorsException(file, name, "has the unknown dtype '" + dtype + "'");
  }

  private static List<Long> numbers(Path file, String name, JsonNode node, String field)
      throws SafetensorsException {
    List<Long> result = new ArrayList<>();
    for (JsonNode element : node) {
      if (!element.isIntegralNumber() || !element.canConvertToLong() || element.longValue() < 0) {
        throw new SafetensorsException(
            file, name, "has %s %s, not whole numbers from 0".formatted(field, node));
      }
      result.add(element.longValue());
    }
    if (!node.isArray()) {
      throw new SafetensorsException(file, name, "has no " + field);
    }
    return result;
  }

  private static void checkSize(Path file, TensorInfo tensor) throws SafetensorsException {
    long needed;
    try {
      needed = Math.multiplyExact(tensor.elements(), (long) tensor.type().bytes());
    } catch (ArithmeticException e) {
      throw new SafetensorsException(
          file, tensor.name(), "has a shape of more than 2^63 bytes: " + tensor.dims());
    }
    if (tensor.bytes() != needed) {
      throw new SafetensorsException(
          file,
          tensor.name(),
          "holds %d bytes, but %s %s needs %d"
              .formatted(tensor.bytes(), tensor.type(), tensor.dims(), needed));
    }
  }

  private static void checkTiling(Path file, List<TensorInfo> tensors, long dataBytes)
      throws SafetensorsException {
    long next = 0;
    for (TensorInfo tensor : tensors) {
      if (tensor.begin() != next) {
        String problem = tensor.begin() < next ? "overlaps the one before" : "comes after a gap";
        throw new SafetensorsException(
            file,
            tensor.name(),
            "%s: it begins at byte %d, not %d".formatted(problem, tensor.begin(), next));
      }
      next = tensor.end();
      if (next > dataBytes) {
        throw new SafetensorsException(
            file,
            tensor.name(),
            "ends at byte %d of %d: the file is cut off".formatted(next, dataBytes));
      }
    }
    if (next != dataBytes) {
      throw new SafetensorsException(
          file, "%d bytes follow the last tensor".formatted(dataBytes - next));
    }
  }
}
