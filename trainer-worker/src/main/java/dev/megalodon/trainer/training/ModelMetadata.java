package dev.megalodon.trainer.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.model.ModelConfig;
import java.util.Map;
import java.util.Optional;

/** A model's configuration in the metadata of its parameter file, so that the file is enough. */
public final class ModelMetadata {
  private static final String CONFIG = "megalodon.config";
  private static final String TOKENIZER = "megalodon.tokenizer";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ModelMetadata() {}

  /**
   * Metadata for a file of parameters.
   *
   * @param tokenizer identity of the tokenizer whose ids the model knows
   */
  public static Map<String, String> of(ModelConfig config, String tokenizer) {
    try {
      return Map.of("format", "pt", CONFIG, JSON.writeValueAsString(config), TOKENIZER, tokenizer);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a configuration is always JSON", e);
    }
  }

  /**
   * The configuration that {@link #of} wrote, if the file has one.
   *
   * @throws IllegalArgumentException when it has one that cannot be read
   */
  public static Optional<ModelConfig> read(SafetensorsFile file) {
    return Optional.ofNullable(file.metadata().get(CONFIG)).map(json -> parse(file, json));
  }

  /** The identity of the tokenizer that {@link #of} wrote, if the file has one. */
  public static Optional<String> tokenizer(SafetensorsFile file) {
    return Optional.ofNullable(file.metadata().get(TOKENIZER));
  }

  private static ModelConfig parse(SafetensorsFile file, String json) {
    try {
      return JSON.readValue(json, ModelConfig.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s has an unreadable model configuration: %s".formatted(file.path(), json), e);
    }
  }
}
