package dev.megalodon.e2e.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A safetensors file's FLOAT32 tensors, read as its specification says and by no code of ours. */
record Parameters(Map<String, float[]> byName) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static Parameters parse(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = Math.toIntExact(bytes.getLong(0));
    Map<String, float[]> found = new TreeMap<>();
    header(file, headerLength)
        .properties()
        .forEach(
            entry -> {
              if (!entry.getKey().equals("__metadata__")) {
                JsonNode offsets = entry.getValue().get("data_offsets");
                int from = offsets.get(0).asInt();
                int length = offsets.get(1).asInt() - from;
                ByteBuffer data = bytes.slice(8 + headerLength + from, length);
                found.put(entry.getKey(), floats(data.order(ByteOrder.LITTLE_ENDIAN)));
              }
            });
    return new Parameters(found);
  }

  private static JsonNode header(byte[] file, int length) {
    try {
      return JSON.readTree(file, 8, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static float[] floats(ByteBuffer data) {
    FloatBuffer view = data.asFloatBuffer();
    float[] values = new float[view.remaining()];
    view.get(values);
    return values;
  }

  private float[] tensor(String name) {
    return Objects.requireNonNull(byName.get(name), name);
  }

  /** ‖this − other‖ / ‖other‖ of one tensor. */
  double relativeDistance(Parameters other, String name) {
    float[] mine = tensor(name);
    float[] theirs = other.tensor(name);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < theirs.length; i++) {
      difference += Math.pow((double) mine[i] - theirs[i], 2);
      norm += Math.pow(theirs[i], 2);
    }
    return norm == 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
  }
}
