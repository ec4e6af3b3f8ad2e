package dev.megalodon.trainer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
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
