package dev.megalodon.trainer.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.trainer.checkpoint.Sha256;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads a job's spec. */
public final class SpecFile {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          // The operator leaves out what only it acts on, and may be newer than this program.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .build();

  private SpecFile() {}

  /**
   * Reads a spec with every default filled in.
   *
   * @throws WorkerExit {@code BAD_SPEC} naming the file
   */
  public static MegalodonTrainingJobSpec read(Path file) {
    try {
      return JSON.readValue(Files.readAllBytes(file), MegalodonTrainingJobSpec.class);
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC,
          "the job's spec %s cannot be read: %s".formatted(file, firstLine(e)),
          e);
    }
  }

  private static String firstLine(IOException e) {
    return e.toString().lines().findFirst().orElse("");
  }

  /**
   * A digest of everything that the ranks of a job must agree on: the model, the data, the way to
   * train, and what computes. Not of bounds and intervals that may be changed while a job runs.
   *
   * @param worldSize how many ranks they are, whatever the spec says
   */
  public static String digest(MegalodonTrainingJobSpec spec, int worldSize) {
    Map<String, Object> agreed = new LinkedHashMap<>();
    agreed.put("model", spec.model().resolved());
    agreed.put("data", spec.data());
    agreed.put("training", spec.training());
    agreed.put("worldSize", worldSize);
    agreed.put("chunkParallel", spec.parallelism().chunkParallel());
    agreed.put("chunkExchange", spec.parallelism().chunkExchange());
    agreed.put("checkpoint", spec.checkpoint());
    agreed.put("device", spec.worker().device());
    agreed.put("gemm", spec.worker().gemm());
    try {
      return Sha256.prefixed(JSON.writeValueAsBytes(agreed));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a spec is always JSON", e);
    }
  }
}
