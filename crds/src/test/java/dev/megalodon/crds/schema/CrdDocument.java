package dev.megalodon.crds.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import io.fabric8.crdv2.generator.CRDGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The CRD as it follows from the records: Fabric8's generator, then {@link CrdRefinement}. */
final class CrdDocument {
  /** The committed file, relative to this module. */
  static final Path FILE = Path.of("crd", "megalodontrainingjobs.training.megalodon.dev.yaml");

  /** Its copy in the chart, which Helm can read only from its own folder. */
  static final Path COPY_IN_CHART =
      Path.of("..", "helm", "megalodon-operator", "files").resolve(FILE.getFileName());

  private static final String HEADER =
      """
      # Generated from the records in dev.megalodon.crds.v1alpha1; do not edit.
      # Regenerate with: make crds
      """;

  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .build());

  private CrdDocument() {}

  /** The text that the committed file must have. */
  static String generate() {
    try {
      ObjectNode crd = (ObjectNode) YAML.readTree(generatorOutput());
      CrdRefinement.apply(crd);
      return HEADER + YAML.writeValueAsString(crd);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode parse(String yaml) throws JsonProcessingException {
    return YAML.readTree(yaml);
  }

  private static String generatorOutput() {
    InMemoryOutput output = new InMemoryOutput();
    new CRDGenerator()
        .customResourceClasses(MegalodonTrainingJob.class)
        .forCRDVersions("v1")
        .withOutput(output)
        .generate();
    return output.bytes.toString(StandardCharsets.UTF_8);
  }

  private static final class InMemoryOutput
      implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public ByteArrayOutputStream outputFor(String crdName) {
      return bytes;
    }

    @Override
    public void close() throws IOException {
      bytes.close();
    }
  }
}
