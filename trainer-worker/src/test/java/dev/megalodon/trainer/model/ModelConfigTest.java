package dev.megalodon.trainer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
  @ParameterizedTest
  @CsvSource({
    "mega200M, 220627968",
    "mega1.3B, 1342832640",
    "mega1.3B_pg19, 1327628288",
    "mega7.1B, 7117381632",
    "mega7.3B, 7385817088"
  })
  void shouldHaveThePublishedNumberOfParameters(String preset, long parameters) {
    assertEquals(parameters, ModelPresets.find(preset).orElseThrow().parameterCount());
  }

  @Test
  void shouldNameThePresets() {
    assertEquals(
        Set.of("mega200M", "mega1.3B", "mega1.3B_pg19", "mega7.1B", "mega7.3B"),
        ModelPresets.names());
    assertTrue(ModelPresets.find("mega9B").isEmpty());
  }

  @Test
  void shouldChangeTheVocabularyAlone() {
    ModelConfig bytes = TestModels.config().withVocabSize(256);
    assertEquals(256, bytes.vocabSize());
    assertEquals(TestModels.config(), bytes.withVocabSize(TestModels.config().vocabSize()));
  }

  @ParameterizedTest
  @CsvSource({
    "layers, 0, 8, 8, 12, 2, 10, 3, 4, 2, 1e-5, 11, 1e4",
    "modelDim, 2, 9, 8, 12, 2, 10, 3, 4, 2, 1e-5, 11, 1e4",
    "modelDim, 2, 0, 8, 12, 2, 10, 3, 4, 2, 1e-5, 11, 1e4",
    "zDim, 2, 8, 6, 12, 2, 10, 3, 4, 2, 1e-5, 11, 1e4",
    "valueDim, 2, 8, 8, 13, 2, 10, 3, 4, 2, 1e-5, 11, 1e4",
    "heads, 2, 8, 8, 12, 0, 10, 3, 4, 2, 1e-5, 11, 1e4",
    "ffnHiddenDim, 2, 8, 8, 12, 2, -1, 3, 4, 2, 1e-5, 11, 1e4",
    "cemaDim, 2, 8, 8, 12, 2, 10, 0, 4, 2, 1e-5, 11, 1e4",
    "chunkSize, 2, 8, 8, 12, 2, 10, 3, 0, 2, 1e-5, 11, 1e4",
    "normGroups, 2, 8, 8, 12, 2, 10, 3, 4, 0, 1e-5, 11, 1e4",
    "normEpsilon, 2, 8, 8, 12, 2, 10, 3, 4, 2, NaN, 11, 1e4",
    "vocabSize, 2, 8, 8, 12, 2, 10, 3, 4, 2, 1e-5, 0, 1e4",
    "ropeBase, 2, 8, 8, 12, 2, 10, 3, 4, 2, 1e-5, 11, 0"
  })
  void shouldNameTheFieldThatCannotBe(
      String field,
      int layers,
      int d,
      int z,
      int e,
      int heads,
      int f,
      int n,
      int chunk,
      int groups,
      double epsilon,
      int vocabulary,
      double base) {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new ModelConfig(
                    layers,
                    d,
                    z,
                    e,
                    heads,
                    f,
                    n,
                    chunk,
                    groups,
                    epsilon,
                    vocabulary,
                    base,
                    false,
                    false,
                    false,
                    false));
    assertTrue(error.toString().contains("model." + field), error.toString());
  }
}
