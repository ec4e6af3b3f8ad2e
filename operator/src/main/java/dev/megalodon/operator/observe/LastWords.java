package dev.megalodon.operator.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.Progress;
import java.util.Optional;

/**
 * What a worker's termination message says. One that ends in good order leaves how far it got, as
 * the last line or as all there is.
 *
 * @param sentence what is for people; empty if nothing is
 * @param progress how far it was at the very end; empty if it did not say
 */
record LastWords(String sentence, Optional<Progress> progress) {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  static LastWords of(String message) {
    int json = message.startsWith("{") ? 0 : message.lastIndexOf('\n') + 1;
    Optional<Progress> progress = progress(message.substring(json));
    String sentence = progress.isPresent() ? message.substring(0, json).strip() : message;
    return new LastWords(sentence, progress);
  }

  private static Optional<Progress> progress(String line) {
    if (!line.startsWith("{")) {
      return Optional.empty();
    }
    try {
      return Optional.of(MAPPER.readValue(line, Progress.class));
    } catch (JsonProcessingException notProgress) {
      return Optional.empty();
    }
  }
}
