package dev.megalodon.kernels.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Collections;
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

  static final String METADATA = "__metadata__";
  static final String TYPE = "dtype";
  static final String SHAPE = "shape";
  static final String OFFSETS = "data_offsets";

  private static final int ALIGNMENT = 8;
  private static final JsonMapper JSON = JsonMapper.builder().build();

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
      node.put(TYPE, tensor.type().name());
      tensor.dims().forEach(node.putArray(SHAPE)::add);
      node.putArray(OFFSETS).add(tensor.begin()).add(tensor.end());
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
}
