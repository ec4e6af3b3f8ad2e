package dev.megalodon.trainer.recovery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Records as JSON, in which doubles keep every bit. */
final class Encoding {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Encoding() {}

  static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write " + value + " as JSON", e);
    }
  }

  static <T> T read(String text, Class<T> type) {
    try {
      return JSON.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a %s: %s".formatted(type.getSimpleName(), text), e);
    }
  }
}
