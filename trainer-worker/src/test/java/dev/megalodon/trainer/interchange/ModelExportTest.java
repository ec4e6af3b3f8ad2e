package dev.megalodon.trainer.interchange;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.safetensors.DataType;
import dev.megalodon.kernels.safetensors.SafetensorsException;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelExportTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"false,1,false", "true,1,true", "true,2,true", "false,2,false", "true,4,false"})
  void shouldComeBackThroughImportToTheSameBytes(boolean buffers, int ranks, boolean share)
      throws IOException {
    for (Optional<DataType> type :
        List.of(
            Optional.<DataType>empty(), Optional.of(DataType.BF16), Optional.of(DataType.F16))) {
      ModelExport export = new ModelExport(type, buffers, ranks);
      ModelConfig config = ModelFiles.config(false, share);
      Path first = folder.resolve("first.safetensors");
      List<Path> written =
          export.write(config, Optional.empty(), ModelFiles.parameters(config, 1), first);
      assertEquals(ranks, written.size());
      assertComesBack(export, config, written);
    }
  }

  private void assertComesBack(ModelExport export, ModelConfig config, List<Path> written)
      throws IOException {
    try (ModelImport read =
        ModelImport.open(written.reversed(), Optional.empty(), ModelShapes.Given.NOTHING)) {
      assertEquals(config, read.model().config());
      Path second = folder.resolve("second.safetensors");
      List<Path> again =
          export.write(read.model().config(), Optional.empty(), read.model().parameters(), second);
      for (int rank = 0; rank < written.size(); rank++) {
        assertArrayEquals(
            Files.readAllBytes(written.get(rank)), Files.readAllBytes(again.get(rank)));
      }
    }
  }

  @Test
  void shouldCutAsTheReferenceImplementationDoes() throws IOException {
    List<Path> parts = export(new ModelExport(Optional.empty(), true, 2));
    assertEquals("model.00.safetensors", parts.getFirst().getFileName().toString());
    try (SafetensorsFile part = SafetensorsFile.open(parts.getLast())) {
      assertEquals(List.of(20L, 8L), part.info("embed.weight").dims());
      assertEquals(List.of(20L, 8L), part.info("output.output.weight").dims());
      assertEquals(List.of(12L, 16L), part.info("layers.1.mega.wv.weight").dims());
      assertEquals(List.of(12L), part.info("layers.1.mega.wv.bias").dims());
      assertEquals(List.of(16L, 12L), part.info("layers.1.mega.wh2.weight").dims());
      assertEquals(List.of(8L, 3L, 2L), part.info("layers.1.mega.cema.gamma").dims());
      assertEquals(List.of(2L, 8L), part.info("layers.1.mega.gamma").dims());
      assertEquals(List.of(16L), part.info("layers.1.mega.rmsnorm.weight").dims());
      assertEquals(List.of(8L), part.info("layers.1.mega.timenorm.weight").dims());
      assertEquals(List.of(2L), part.info("layers.1.mega.timenorm.prior_mean").dims());
      assertEquals(List.of(6L, 16L), part.info("layers.1.nffn.fc3.weight").dims());
      assertEquals(List.of(16L, 6L), part.info("layers.1.nffn.fc2.weight").dims());
      assertEquals(List.of(16L), part.info("layers.1.nffn.norm.bias").dims());
      assertEquals(List.of(2L), part.info("rope.freqs").dims());
    }
  }

  @ParameterizedTest
  @CsvSource({"3, heads (4)", "8, heads (4)"})
  void shouldSayWhichNumberDoesNotDivide(int ranks, String number) {
    var error =
        assertThrows(
            InterchangeException.class,
            () -> export(new ModelExport(Optional.empty(), false, ranks)));
    assertTrue(error.toString().contains(number), error.toString());
    assertTrue(error.toString().contains("by %d model-parallel".formatted(ranks)));
  }

  @Test
  void shouldRefuseToCutAModelThatTheReferenceImplementationCannotRun() {
    ModelConfig config = ModelFiles.config(true, false);
    var error =
        assertThrows(
            InterchangeException.class,
            () ->
                new ModelExport(Optional.empty(), false, 2)
                    .write(
                        config,
                        Optional.empty(),
                        ModelFiles.parameters(config, 1),
                        folder.resolve("x")));
    assertTrue(error.toString().contains("nffn.alpha"), error.toString());
  }

  @Test
  void shouldHoldWhatWasAskedForAndNothingElse() throws IOException {
    assertFalse(names(ModelExport.PLAIN).contains("rope.freqs"));
    String withBuffers = names(new ModelExport(Optional.empty(), true, 1));
    assertTrue(withBuffers.contains("rope.freqs"));
    assertTrue(withBuffers.contains("output.final_norm.prior_count"));
    assertTrue(withBuffers.contains("layers.1.mega.timenorm.prior_logv"));
  }

  private String names(ModelExport export) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(export(export).getFirst())) {
      return file.tensors().stream().map(tensor -> tensor.name()).collect(Collectors.joining(","));
    }
  }

  @Test
  void shouldNameTheTensorWithABitFlipped() throws IOException {
    Path file = export(ModelExport.PLAIN).getFirst();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 700] ^= 4;
    Files.write(file, bytes);
    try (SafetensorsFile damaged = SafetensorsFile.open(file)) {
      var error = assertThrows(SafetensorsException.class, () -> Checksums.requireIntact(damaged));
      assertTrue(error.toString().matches(".*tensor '[a-z0-9._]+' is damaged.*"), error.toString());
    }
  }

  private List<Path> export(ModelExport export) throws IOException {
    ModelConfig config = ModelFiles.config();
    return export.write(
        config,
        Optional.empty(),
        ModelFiles.parameters(config, 1),
        folder.resolve("model.safetensors"));
  }
}
