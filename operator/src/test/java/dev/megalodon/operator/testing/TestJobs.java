package dev.megalodon.operator.testing;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Jobs for tests, as the API server would hand them over: every default filled in. */
public final class TestJobs {
  private TestJobs() {}

  /** A job of two workers with three restarts. */
  public static MegalodonTrainingJob job() {
    try (InputStream yaml = TestJobs.class.getResourceAsStream("/job.yaml")) {
      MegalodonTrainingJob job =
          Serialization.unmarshal(Objects.requireNonNull(yaml), MegalodonTrainingJob.class);
      job.getMetadata().setUid("00000000-0000-0000-0000-000000000001");
      job.getMetadata().setGeneration(1L);
      return job;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The same spec with one field set: {@code with(spec, "failurePolicy.maxRestarts", 0)}. */
  @SuppressWarnings("unchecked")
  public static MegalodonTrainingJobSpec with(
      MegalodonTrainingJobSpec spec, String path, Object value) {
    Map<String, Object> tree =
        Serialization.unmarshal(Serialization.asJson(spec), LinkedHashMap.class);
    Map<String, Object> at = tree;
    String[] names = path.split("\\.");
    for (int i = 0; i < names.length - 1; i++) {
      at = (Map<String, Object>) at.computeIfAbsent(names[i], name -> new LinkedHashMap<>());
    }
    at.put(names[names.length - 1], value);
    return Serialization.unmarshal(Serialization.asJson(tree), MegalodonTrainingJobSpec.class);
  }
}
