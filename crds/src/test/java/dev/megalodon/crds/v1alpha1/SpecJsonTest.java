package dev.megalodon.crds.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.megalodon.crds.schema.SampleJobs;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The worker reads what the operator writes: plain Jackson, no Kubernetes library. */
class SpecJsonTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static List<String> samples() {
    return Manifest.sampleFiles();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void shouldSurviveTheWayToTheWorker(String file) throws JsonProcessingException {
    MegalodonTrainingJobSpec written = SampleJobs.load(file).getSpec();
    String json = JSON.writeValueAsString(written);
    assertEquals(written, JSON.readValue(json, MegalodonTrainingJobSpec.class));
  }

  @Test
  void shouldLeaveAbsentFieldsOutOfTheJson() throws JsonProcessingException {
    MegalodonTrainingJobSpec spec = SampleJobs.load("minimal.yaml").getSpec();
    assertNull(spec.scheduling());
    assertEquals(
        JSON.readTree("{\"device\": \"cpu\", \"gemm\": \"vector\"}"),
        JSON.valueToTree(spec.worker()));
  }

  @Test
  void shouldReadQuantitiesThatAreNumbers() throws JsonProcessingException {
    WorkerSpec.Resources resources =
        JSON.readValue("{\"requests\": {\"cpu\": 16}}", WorkerSpec.Resources.class);
    assertEquals(Map.of("cpu", "16"), resources.requests());
  }

  @Test
  void shouldRefuseAFieldItDoesNotKnow() {
    assertThrows(
        UnrecognizedPropertyException.class,
        () -> JSON.readValue("{\"workers\": 2, \"pipeline\": 4}", ParallelismSpec.class));
  }

  @ParameterizedTest
  @EnumSource(ModelPreset.class)
  void shouldResolveAPresetToDimensionsThatTheRulesWouldAccept(ModelPreset preset) {
    ModelDimensions dimensions = new ModelSpec(preset, null, null).resolved();
    assertEquals(0, dimensions.zDim() % dimensions.heads());
    assertEquals(0, dimensions.valueDim() % dimensions.heads());
    assertEquals(0, (dimensions.zDim() / dimensions.heads()) % 2);
    assertEquals(0, dimensions.modelDim() % dimensions.normGroups());
    assertEquals(ModelPreset.CHUNK_SIZE, dimensions.chunkSize());
    assertEquals(ModelPreset.BYTE_VOCABULARY, dimensions.vocabSize());
  }

  @Test
  void shouldTakeTheVocabularyBesideAPreset() {
    assertEquals(32_000, new ModelSpec(ModelPreset.MEGA_200M, null, 32_000).resolved().vocabSize());
  }

  @Test
  void shouldSayWhatAModelLacks() {
    IllegalStateException error =
        assertThrows(IllegalStateException.class, () -> new ModelSpec(null, null, null).resolved());
    assertEquals("spec.model needs a preset or dimensions; it has neither", error.getMessage());
  }
}
