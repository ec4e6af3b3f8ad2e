package dev.megalodon.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.reference.ReferenceDevice;
import dev.megalodon.kernels.safetensors.SafetensorsException;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.kernels.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParameterFilesTest {
  private static final ModelConfig CONFIG = TestModels.config();

  @TempDir Path folder;
  private final Device device = new ReferenceDevice();
  private final FlatTensors stored = TestModels.parameters(device, CONFIG, 1);
  private final FlatTensors target =
      FlatTensors.allocate(device, FlatLayout.of(CONFIG, 2, 8, 1 << 20));

  @AfterEach
  void close() {
    device.close();
  }

  @Test
  void shouldReadBackIntoAnotherLayout() throws IOException {
    load(ParameterFiles.entries(stored));
    for (String name : stored.byName().keySet()) {
      assertArrayEquals(values(stored, name), values(target, name), name);
    }
  }

  @Test
  void shouldIgnoreTheBuffersOfTheReferenceImplementation() throws IOException {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>(ParameterFiles.entries(stored));
    for (String name :
        new String[] {
          "layers.0.mega.timenorm.prior_count", "output.final_norm.prior_logv", "rope.freqs"
        }) {
      entries.add(SafetensorsWriter.Entry.of(name, device.allocate(ElementType.FLOAT32, 3)));
    }
    load(entries);
    assertArrayEquals(values(stored, "embed.weight"), values(target, "embed.weight"));
  }

  @Test
  void shouldNameWhatIsMissing() {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>(ParameterFiles.entries(stored));
    entries.removeIf(entry -> entry.name().equals("layers.1.mega.wh2.weight"));
    assertTroubled("layers.1.mega.wh2.weight", entries);
  }

  @Test
  void shouldNameWhatIsTooMuch() {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>(ParameterFiles.entries(stored));
    entries.add(
        SafetensorsWriter.Entry.of("layers.2.mega.beta", device.allocate(ElementType.FLOAT32, 3)));
    assertTroubled("layers.2.mega.beta", entries);
  }

  @Test
  void shouldNameWhatHasAnotherShape() {
    FlatTensors other = TestModels.parameters(device, CONFIG.withVocabSize(12), 1);
    assertTroubled("[11, 8]", ParameterFiles.entries(other));
  }

  private void assertTroubled(String trouble, List<SafetensorsWriter.Entry> entries) {
    var error = assertThrows(SafetensorsException.class, () -> load(entries));
    assertTrue(error.toString().contains(trouble), error.toString());
  }

  private void load(List<SafetensorsWriter.Entry> entries) throws IOException {
    Path path = folder.resolve("parameters.safetensors");
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      SafetensorsWriter.write(channel, Map.of(), entries);
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      ParameterFiles.load(file, device, target);
    }
  }

  private double[] values(FlatTensors tensors, String name) {
    return device.transfer().toDoubles(tensors.tensor(name));
  }
}
