package dev.megalodon.crds.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.megalodon.crds.manifest.JobSchema;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The samples as an API server would hand them out, with every default of the CRD filled in. For
 * tests of other modules that need a whole job and no server.
 */
public final class SampleJobs {
  private static final ObjectMapper YAML = new YAMLMapper();
  private static final JobSchema SCHEMA = JobSchema.load();

  private SampleJobs() {}

  /** The job of one of the files in {@code crds/samples}, such as {@code quickstart.yaml}. */
  public static MegalodonTrainingJob load(String file) {
    return YAML.convertValue(
        withDefaults((ObjectNode) read("/samples/" + file)), MegalodonTrainingJob.class);
  }

  /** Fills the defaults of the CRD into a manifest, in place, as an API server does. */
  public static ObjectNode withDefaults(ObjectNode manifest) {
    return SCHEMA.withDefaults(manifest);
  }

  private static JsonNode read(String resource) {
    try (InputStream file = SampleJobs.class.getResourceAsStream(resource)) {
      if (file == null) {
        throw new IllegalArgumentException("no " + resource + " on the class path");
      }
      return YAML.readTree(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
