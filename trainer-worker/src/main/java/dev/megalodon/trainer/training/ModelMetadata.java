package dev.megalodon.trainer.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.kernels.safetensors.OneLine;
import dev.megalodon.kernels.safetensors.SafetensorsException;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A model's configuration in the metadata of its parameter file, so that the file is enough. */
public final class ModelMetadata {
  private static final String CONFIG = "megalodon.config";
  private static final String TOKENIZER = "megalodon.tokenizer";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ModelMetadata() {}

  /**
   * Metadata for a file of parameters.
   *
   * @param tokenizer identity of the tokenizer whose ids the model knows; empty when nobody says
   */
  public static Map<String, String> of(ModelConfig config, Optional<String> tokenizer) {
    try {
      Map<String, String> metadata = new TreeMap<>();
      metadata.put("format", "pt");
      metadata.put(CONFIG, JSON.writeValueAsString(config));
      tokenizer.ifPresent(identity -> metadata.put(TOKENIZER, identity));
      return Map.copyOf(metadata);
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
    return read(file.path(), file.metadata());
  }

  /** The identity of the tokenizer that {@link #of} wrote, if the file has one. */
  public static Optional<String> tokenizer(SafetensorsFile file) {
    return tokenizer(file.metadata());
  }

  /** The identity of the tokenizer that {@link #of} wrote, if it is in the metadata of a file. */
  public static Optional<String> tokenizer(Map<String, String> metadata) {
    return Optional.ofNullable(metadata.get(TOKENIZER));
  }

  /**
   * The configuration that {@link #of} wrote, if it is in the metadata of a file.
   *
   * @param file named in errors
   * @throws IllegalArgumentException when there is one that cannot be read
   */
  public static Optional<ModelConfig> read(Path file, Map<String, String> metadata) {
    return Optional.ofNullable(metadata.get(CONFIG)).map(json -> parse(file, json));
  }

  /**
   * Refuses parameters that fit a model by their shapes but were trained in one that computes
   * otherwise. The chunk size and the rope base may change: that is how contexts are lengthened.
   *
   * @throws IOException naming the file and both values
   */
  static void requireFits(SafetensorsFile file, ModelConfig model) throws IOException {
    Optional<ModelConfig> stored = read(file);
    if (stored.isPresent()) {
      ModelConfig trained = stored.get();
      requireSame(file, "heads", trained.heads(), model.heads());
      requireSame(file, "normGroups", trained.normGroups(), model.normGroups());
      requireSame(file, "normEpsilon", trained.normEpsilon(), model.normEpsilon());
      requireSame(file, "scaleEmbedding", trained.scaleEmbedding(), model.scaleEmbedding());
    }
  }

  private static void requireSame(SafetensorsFile file, String field, Object trained, Object wanted)
      throws IOException {
    if (!trained.equals(wanted)) {
      throw new SafetensorsException(
          file.path(),
          "it is of a model with %s %s, spec.model has %s".formatted(field, trained, wanted));
    }
  }

  private static ModelConfig parse(Path file, String json) {
    try {
      return JSON.readValue(json, ModelConfig.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s has an unreadable model configuration: %s".formatted(file, OneLine.of(json)), e);
    }
  }
}
