package dev.megalodon.trainer.interchange;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.trainer.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A configuration file of the reference implementation: its {@code config.json} with the model's
 * keys below "model", or those keys alone.
 */
final class OfficialConfig {
  private static final long MAX_BYTES = 1 << 20;
  private static final double ROPE_BASE = 10_000;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final JsonNode model;

  private OfficialConfig(Path file, JsonNode model) {
    this.file = file;
    this.model = model;
  }

  /**
   * Reads a configuration.
   *
   * @param vocabulary of the checkpoint, for files that leave it to the tokenizer with -1
   * @throws IOException naming the file and the key that is missing or no number
   */
  static ModelConfig read(Path file, int vocabulary) throws IOException {
    JsonNode root = parse(file);
    return new OfficialConfig(file, root.has("model") ? root.path("model") : root)
        .config(vocabulary);
  }

  private static JsonNode parse(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new InterchangeException(
          "%s has more than %d bytes: no configuration has".formatted(file, MAX_BYTES));
    }
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new InterchangeException("%s is not JSON: %s".formatted(file, e.getOriginalMessage()));
    }
  }

  private ModelConfig config(int vocabulary) throws IOException {
    int stated = whole("vocab_size");
    try {
      return new ModelConfig(
          whole("num_layers"),
          whole("model_dim"),
          whole("z_dim"),
          whole("value_dim"),
          whole("num_heads"),
          whole("ffn_hidden_dim"),
          whole("cema_ndim"),
          whole("chunk_size"),
          whole("norm_num_groups"),
          number("norm_eps").doubleValue(),
          stated == -1 ? vocabulary : stated,
          model.path("rope_base").isNumber() ? model.path("rope_base").doubleValue() : ROPE_BASE,
          flag("swiglu"),
          flag("rescale_nffn"),
          flag("scale_emb"),
          flag("share_emb"));
    } catch (IllegalArgumentException e) {
      throw new InterchangeException("%s: %s".formatted(file, e.getMessage()));
    }
  }

  private int whole(String key) throws InterchangeException {
    JsonNode value = number(key);
    if (!value.canConvertToInt() || !value.isIntegralNumber()) {
      throw new InterchangeException("%s: '%s' is %s".formatted(file, key, value));
    }
    return value.intValue();
  }

  private JsonNode number(String key) throws InterchangeException {
    JsonNode value = model.path(key);
    if (!value.isNumber()) {
      throw new InterchangeException("%s has no number '%s'".formatted(file, key));
    }
    return value;
  }

  /** Absent is false, as in the reference implementation. */
  private boolean flag(String key) {
    return model.path(key).asBoolean(false);
  }
}
