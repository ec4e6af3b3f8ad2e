package dev.megalodon.trainer.interchange;

import static dev.megalodon.trainer.interchange.ModelFiles.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.kernels.safetensors.SafetensorsWriter;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.training.ModelMetadata;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelImportTest {
  private static final ModelConfig OFFICIAL =
      new ModelConfig(2, 16, 8, 24, 2, 12, 3, 4, 4, 1e-5, 20, 10_000, true, false, true, true);
  private static final List<Path> WHOLE = List.of(PytorchFixtures.path("consolidated.pth"));
  private static final List<Path> PARTS =
      List.of(
          PytorchFixtures.path("consolidated.00.pth"), PytorchFixtures.path("consolidated.01.pth"));
  private static final Optional<Path> CONFIG = Optional.of(PytorchFixtures.path("config.json"));

  @TempDir Path folder;

  @Test
  void shouldReadWhatTheReferenceImplementationSavesWholeAndInParts() throws IOException {
    for (List<Path> files : List.of(WHOLE, PARTS)) {
      try (ModelImport read = ModelImport.open(files, CONFIG, ModelShapes.Given.NOTHING)) {
        assertEquals(OFFICIAL, read.model().config());
        assertIsTheModelThatPyTorchHad(read.model().parameters());
      }
    }
  }

  private static void assertIsTheModelThatPyTorchHad(List<NamedTensor> parameters)
      throws IOException {
    try (SafetensorsFile expected =
        SafetensorsFile.open(PytorchFixtures.path("expected.safetensors"))) {
      assertEquals(expected.tensors().size(), parameters.size());
      for (NamedTensor parameter : parameters) {
        assertArrayEquals(
            expected.segment(parameter.name()).toArray(ValueLayout.JAVA_BYTE),
            ModelFiles.bytes(parameter),
            parameter.name());
      }
    }
  }

  @Test
  void shouldSeeInShapesAndBuffersWhatTheySay() throws IOException {
    try (ModelImport read =
        ModelImport.open(
            PARTS, Optional.empty(), given(OptionalInt.of(4), OptionalDouble.empty(), true))) {
      assertEquals(OFFICIAL, read.model().config());
    }
  }

  @Test
  void shouldSayWhatNothingSays() throws IOException {
    assertTroubled(WHOLE, Optional.empty(), "give --chunk-size");
    Path bare = write("bare", Map.of(), ModelFiles.parameters(ModelFiles.config(), 1));
    assertTroubled(List.of(bare), Optional.empty(), "give --heads");
    ModelShapes.Given heads =
        new ModelShapes.Given(
            OptionalInt.of(4),
            OptionalInt.empty(),
            OptionalInt.of(4),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            false);
    var error =
        assertThrows(
            InterchangeException.class,
            () -> ModelImport.open(List.of(bare), Optional.empty(), heads).close());
    assertTrue(error.toString().contains("give --norm-groups"), error.toString());
  }

  @Test
  void shouldRefuseFrequenciesOfAnotherBase() {
    ModelShapes.Given otherBase = given(OptionalInt.of(4), OptionalDouble.of(500_000), true);
    var error =
        assertThrows(
            InterchangeException.class,
            () -> ModelImport.open(WHOLE, Optional.empty(), otherBase).close());
    assertTrue(error.toString().contains("buffer 'rope.freqs'"), error.toString());
  }

  private static ModelShapes.Given given(
      OptionalInt chunk, OptionalDouble ropeBase, boolean scaleEmbedding) {
    return new ModelShapes.Given(
        OptionalInt.empty(),
        OptionalInt.empty(),
        chunk,
        OptionalDouble.empty(),
        ropeBase,
        scaleEmbedding);
  }

  @Test
  void shouldNameTheTensorThatIsMissingTooMuchOrOfAnotherShape() throws IOException {
    List<NamedTensor> less = new ArrayList<>(ModelFiles.parameters(ModelFiles.config(), 1));
    less.removeIf(tensor -> tensor.name().equals("layers.1.mega.wh2.weight"));
    assertTroubled(less, "parameter 'layers.1.mega.wh2.weight' [16, 24] is missing");

    List<NamedTensor> more = new ArrayList<>(ModelFiles.parameters(ModelFiles.config(), 1));
    more.add(tensor("layers.0.mega.wq.weight", List.of(1L), 1));
    assertTroubled(more, "tensor 'layers.0.mega.wq.weight' is no parameter");

    more.removeLast();
    more.replaceAll(
        t ->
            t.name().endsWith("1.nffn.fc1.weight")
                ? t.with(t.type(), List.of(16L, 12L), t::bytes)
                : t);
    assertTroubled(more, "'layers.1.nffn.fc1.weight' has the shape [16, 12]");
  }

  @Test
  void shouldRefuseTheStatisticsThatThisProgramDoesNotStartFrom() throws IOException {
    List<NamedTensor> tensors = new ArrayList<>(ModelFiles.parameters(ModelFiles.config(), 1));
    tensors.add(tensor("output.final_norm.prior_mean", List.of(4L), 0, 0, 1e-30f, 0));
    assertTroubled(tensors, "buffer 'output.final_norm.prior_mean' is not zero");
  }

  @Test
  void shouldRefuseATiedOutputThatIsNotTheEmbedding() throws IOException {
    ModelConfig tied = ModelFiles.config(false, true);
    List<NamedTensor> tensors = new ArrayList<>(ModelFiles.parameters(tied, 1));
    tensors.add(tensor("output.output.weight", List.of(20L, 16L), new float[320]));
    Path file = write("tied", ModelMetadata.of(tied, Optional.empty()), tensors);
    assertTroubled(List.of(file), Optional.empty(), "'output.output.weight' is not 'embed.weight'");
  }

  @Test
  void shouldRefuseAHostileNumberOfLayers() throws IOException {
    String json =
        Objects.requireNonNull(
            ModelMetadata.of(ModelFiles.config(), Optional.empty()).get("megalodon.config"));
    Map<String, String> metadata =
        Map.of("megalodon.config", json.replace("\"layers\":2", "\"layers\":2000000000"));
    Path file = write("layers", metadata, ModelFiles.parameters(ModelFiles.config(), 1));
    assertTroubled(List.of(file), Optional.empty(), "says 2000000000 layers, the tensors are of 2");
  }

  @Test
  void shouldNameTheReplicatedTensorThatDiffersBetweenParts() throws IOException {
    ModelConfig config = ModelFiles.config();
    List<NamedTensor> whole = ModelFiles.parameters(config, 1);
    List<Path> parts = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      List<NamedTensor> part = new ArrayList<>();
      for (NamedTensor tensor : whole) {
        part.add(ModelParallel.part(tensor, rank, 2));
      }
      if (rank == 1) {
        part.replaceAll(
            t ->
                t.name().equals("layers.0.nffn.norm.bias")
                    ? tensor(t.name(), t.dims(), new float[16])
                    : t);
      }
      parts.add(write("part" + rank, ModelMetadata.of(config, Optional.empty()), part));
    }
    assertTroubled(parts, Optional.empty(), "'layers.0.nffn.norm.bias' must be the same");
    assertTroubled(
        List.of(parts.getFirst(), WHOLE.getFirst()),
        Optional.empty(),
        "has no tensor 'rope.freqs'");
  }

  @Test
  void shouldRefuseAGroupThatIsNotWhole() throws IOException {
    ModelConfig config = ModelFiles.config();
    List<Path> parts =
        new ModelExport(Optional.empty(), false, 4)
            .write(
                config,
                Optional.empty(),
                ModelFiles.parameters(config, 1),
                folder.resolve("model.safetensors"));
    assertTroubled(parts.subList(0, 2), Optional.empty(), "is part 0 of 4 of a model, but 2 files");
    assertTroubled(
        List.of(parts.get(0), parts.get(1), parts.get(1), parts.get(3)),
        Optional.empty(),
        "give every part once");
  }

  @Test
  void shouldNameWhatIsWrongInTheConfiguration() throws IOException {
    String json = Files.readString(CONFIG.orElseThrow());
    assertConfigTroubled(json.replace("\"num_heads\": 2", "\"num_heads\": 3"), "zDim: 8");
    assertConfigTroubled(json.replace("\"z_dim\"", "\"zdim\""), "has no number 'z_dim'");
    assertConfigTroubled(json.replace("\"num_layers\": 2", "\"num_layers\": 3"), "says 3 layers");
    assertConfigTroubled(json.replace("\"chunk_size\": 4", "\"chunk_size\": 4.5"), "'chunk_size'");
    assertConfigTroubled(json.substring(0, 50), "is not JSON");
  }

  private void assertConfigTroubled(String json, String trouble) throws IOException {
    Path config = Files.writeString(folder.resolve("config.json"), json);
    assertTroubled(WHOLE, Optional.of(config), trouble);
  }

  private void assertTroubled(List<NamedTensor> tensors, String trouble) throws IOException {
    Path file = write("model", ModelMetadata.of(ModelFiles.config(), Optional.empty()), tensors);
    assertTroubled(List.of(file), Optional.empty(), trouble);
  }

  private static void assertTroubled(List<Path> files, Optional<Path> config, String trouble) {
    var error =
        assertThrows(
            InterchangeException.class,
            () -> ModelImport.open(files, config, ModelShapes.Given.NOTHING).close());
    assertTrue(error.toString().contains(trouble), error.toString());
    assertEquals(1, error.toString().lines().count(), error.toString());
  }

  private Path write(String name, Map<String, String> metadata, List<NamedTensor> tensors)
      throws IOException {
    Path file = folder.resolve(name + ".safetensors");
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      SafetensorsWriter.write(channel, metadata, tensors.stream().map(NamedTensor::entry).toList());
    }
    return file;
  }
}
