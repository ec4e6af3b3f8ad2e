package dev.megalodon.operator.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.Progress;
import java.util.Optional;

/** The termination message of a worker that finished: how far it was at the very end. */
final class LastWords {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private LastWords() {}

  /** The progress in a message; empty if it is something else, as of a worker of another kind. */
  static Optional<Progress> progress(String message) {
    if (!message.startsWith("{")) {
      return Optional.empty();
    }
    try {
      return Optional.of(MAPPER.readValue(message, Progress.class));
    } catch (JsonProcessingException notProgress) {
      return Optional.empty();
    }
  }
}
