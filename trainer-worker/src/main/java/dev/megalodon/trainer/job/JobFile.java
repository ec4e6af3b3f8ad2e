package dev.megalodon.trainer.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.manifest.JobSchema;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A job as it is given to {@code kubectl apply}: YAML or JSON, with the CRD's defaults filled in
 * and held to its schema.
 *
 * @param name of the job
 * @param json the spec with every default, as the operator would hand it to workers
 * @param spec the same as a record
 */
public record JobFile(String name, JsonNode json, MegalodonTrainingJobSpec spec) {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final String KIND = "MegalodonTrainingJob";
  private static final int MOST_NAMED = 3;

  /**
   * Reads a manifest; of several documents the first job counts.
   *
   * @throws WorkerExit {@code MISSING_INPUT} when it is not there, {@code BAD_SPEC} naming the
   *     field that cannot be
   */
  public static JobFile read(Path file) {
    ObjectNode manifest = manifest(file);
    JobSchema schema = JobSchema.load();
    schema.withDefaults(manifest);
    JsonNode json = manifest.path("spec");
    requireValid(file, schema, json);
    try {
      MegalodonTrainingJobSpec spec = YAML.treeToValue(json, MegalodonTrainingJobSpec.class);
      return new JobFile(manifest.at("/metadata/name").asText("job"), json, spec);
    } catch (IOException e) {
      throw unusable(file, firstLine(e), e);
    }
  }

  private static ObjectNode manifest(Path file) {
    try {
      for (JsonNode document : documents(file)) {
        if (document instanceof ObjectNode object && KIND.equals(document.path("kind").asText())) {
          return object;
        }
      }
    } catch (IOException e) {
      throw unusable(file, firstLine(e), e);
    }
    throw new WorkerExit(
        ExitCode.BAD_SPEC, "%s holds no document with kind: %s".formatted(file, KIND));
  }

  private static List<JsonNode> documents(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new WorkerExit(
          ExitCode.MISSING_INPUT, "the job's manifest %s is not there to be read".formatted(file));
    }
    return YAML.readerFor(JsonNode.class).<JsonNode>readValues(file.toFile()).readAll();
  }

  private static void requireValid(Path file, JobSchema schema, JsonNode spec) {
    List<Error> errors =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_4)
            .getSchema(schema.strictSpec())
            .validate(spec);
    if (!errors.isEmpty()) {
      String all =
          errors.stream()
              .limit(MOST_NAMED)
              .map(error -> "%s %s".formatted(field(error), error.getMessage()))
              .collect(Collectors.joining("; "));
      String more = errors.size() > MOST_NAMED ? "; and more" : "";
      throw new WorkerExit(ExitCode.BAD_SPEC, "%s: %s%s".formatted(file, all, more));
    }
  }

  /** As {@code kubectl} writes it: {@code spec.data.sources[0].volume}. */
  private static String field(Error error) {
    String pointer = error.getInstanceLocation().toString();
    return "spec" + pointer.replaceAll("/(\\d+)(?=/|$)", "[$1]").replace('/', '.');
  }

  private static WorkerExit unusable(Path file, String reason, IOException cause) {
    return new WorkerExit(
        ExitCode.BAD_SPEC, "%s is no usable manifest: %s".formatted(file, reason), cause);
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
