package dev.megalodon.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;

/** Manifests as JSON. */
final class ManifestJson {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private ManifestJson() {}

  static byte[] write(Manifest manifest) {
    try {
      return JSON.writeValueAsBytes(manifest);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a manifest is always JSON", e);
    }
  }

  /**
   * Reads a manifest.
   *
   * @throws DamagedCheckpointException when it is not one, or of another format version
   */
  static Manifest read(Path file, byte[] json) throws DamagedCheckpointException {
    Manifest manifest = parse(file, json);
    if (manifest.formatVersion() != Manifest.FORMAT_VERSION) {
      throw new DamagedCheckpointException(
          "%s has format version %d; this program reads version %d"
              .formatted(file, manifest.formatVersion(), Manifest.FORMAT_VERSION));
    }
    return manifest;
  }

  private static Manifest parse(Path file, byte[] json) throws DamagedCheckpointException {
    try {
      return JSON.readValue(json, Manifest.class);
    } catch (IOException | RuntimeException e) {
      DamagedCheckpointException damaged =
          new DamagedCheckpointException("%s is not a manifest".formatted(file));
      damaged.initCause(e);
      throw damaged;
    }
  }
}
