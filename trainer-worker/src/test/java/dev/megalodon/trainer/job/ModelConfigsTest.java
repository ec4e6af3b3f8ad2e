package dev.megalodon.trainer.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.ModelDimensions;
import dev.megalodon.crds.v1alpha1.ModelPreset;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.model.ModelConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigsTest {
  private static final int PUBLISHED_VOCABULARY = 32_000;

  @ParameterizedTest
  @CsvSource({
    "MEGA_200M, 220627968",
    "MEGA_1_3B, 1342832640",
    "MEGA_1_3B_PG19, 1327628288",
    "MEGA_7_1B, 7117381632",
    "MEGA_7_3B, 7385817088"
  })
  void shouldHaveThePublishedNumberOfParameters(ModelPreset preset, long parameters) {
    assertEquals(
        parameters, ModelConfigs.of(preset.dimensions(PUBLISHED_VOCABULARY)).parameterCount());
  }

  @Test
  void shouldKeepEveryDimensionOfItsOwn() {
    ModelConfig config =
        ModelConfigs.of(
            new ModelDimensions(
                1, 96, 30, 33, 3, 7, 8, 24, 12, 1e-6, 300, 1e5, true, true, true, true));
    assertEquals(
        new ModelConfig(1, 96, 30, 33, 3, 7, 8, 24, 12, 1e-6, 300, 1e5, true, true, true, true),
        config);
  }

  @Test
  void shouldNameTheFieldThatCannotBe() {
    ModelDimensions dimensions =
        new ModelDimensions(1, 96, 31, 33, 3, 7, 8, 24, 12, 1e-6, 300, 1e5, true, true, true, true);
    WorkerExit exit = assertThrows(WorkerExit.class, () -> ModelConfigs.of(dimensions));
    assertEquals(ExitCode.BAD_SPEC, exit.code());
    assertTrue(exit.sentence().startsWith("spec.model.zDim"), exit.sentence());
  }
}
