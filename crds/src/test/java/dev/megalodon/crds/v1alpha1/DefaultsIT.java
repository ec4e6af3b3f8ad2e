package dev.megalodon.crds.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.megalodon.crds.apiserver.ApiServerExtension;
import dev.megalodon.crds.apiserver.TrainingJobApi;
import dev.megalodon.crds.schema.SampleJobs;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the API server fills in. */
@ExtendWith(ApiServerExtension.class)
class DefaultsIT {
  @BeforeAll
  static void installCrd(KubernetesClient client) {
    TrainingJobApi.install(client);
  }

  static List<String> samples() {
    return Manifest.sampleFiles();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void shouldBeWhatTheSampleJobsHave(String file, KubernetesClient client) {
    GenericKubernetesResource answer =
        client.resource(Manifest.sample(file).resource()).inNamespace("default").dryRun().create();
    MegalodonTrainingJobSpec spec =
        new ObjectMapper().convertValue(answer.get("spec"), MegalodonTrainingJobSpec.class);
    assertEquals(SampleJobs.load(file).getSpec(), spec);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void shouldBeThereForEveryFieldThatHasOne(String file) {
    MegalodonTrainingJobSpec spec = SampleJobs.load(file).getSpec();
    assertEquals(0.9, spec.training().optimizer().beta1());
    assertEquals(300, spec.failurePolicy().backoff().maxSeconds());
    assertEquals(2.0, spec.failurePolicy().stragglerRatio());
    assertTrue(spec.failurePolicy().progressRefundsBudget());
    assertEquals(CleanPodPolicy.RUNNING, spec.cleanPodPolicy());
    assertNotNull(spec.data().tokenizer().kind());
    assertEquals("text", spec.data().jsonField());
    assertEquals(1, spec.parallelism().chunkParallel());
    assertEquals(ParallelismSpec.ChunkExchange.ALL_GATHER, spec.parallelism().chunkExchange());
    assertEquals(TrainingSpec.Recompute.NONE, spec.training().recompute());
  }
}
