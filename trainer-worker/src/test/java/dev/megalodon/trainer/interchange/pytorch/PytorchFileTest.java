package dev.megalodon.trainer.interchange.pytorch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.interchange.PytorchFixtures;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PytorchFileTest {
  private static final Path LAYOUTS = PytorchFixtures.path("layouts.pth");

  @TempDir Path folder;

  @Test
  void shouldReadEveryLayoutAsPyTorchDoes() throws IOException {
    assertIsAsPyTorchReads(LAYOUTS);
  }

  @Test
  void shouldReadZip64() throws IOException {
    byte[] archive = Archives.zip64(Archives.entries(LAYOUTS));
    assertIsAsPyTorchReads(Files.write(folder.resolve("zip64.pth"), archive));
  }

  @Test
  void shouldReadAnArchiveThatAnotherProgramPacked() throws IOException {
    byte[] archive = Archives.plain(ZipEntry.STORED, Archives.entries(LAYOUTS));
    assertIsAsPyTorchReads(Files.write(folder.resolve("packed.pth"), archive));
  }

  private static void assertIsAsPyTorchReads(Path path) throws IOException {
    try (PytorchFile file = PytorchFile.open(path);
        SafetensorsFile expected =
            SafetensorsFile.open(PytorchFixtures.path("layouts.safetensors"));
        Arena scratch = Arena.ofConfined()) {
      assertEquals(expected.tensors().size(), file.tensors().size());
      for (PytorchFile.Info tensor : file.tensors()) {
        assertEquals(expected.info(tensor.name()).dims(), tensor.dims(), tensor.name());
        assertEquals(expected.info(tensor.name()).type(), tensor.type(), tensor.name());
        assertArrayEquals(
            expected.segment(tensor.name()).toArray(ValueLayout.JAVA_BYTE),
            file.bytes(tensor.name(), scratch).toArray(ValueLayout.JAVA_BYTE),
            tensor.name());
      }
    }
  }

  @Test
  void shouldMapWhatLiesInOrder() throws IOException {
    try (PytorchFile file = PytorchFile.open(LAYOUTS);
        Arena scratch = Arena.ofConfined()) {
      assertTrue(file.bytes("contiguous", scratch).isMapped());
      assertTrue(file.bytes("row", scratch).isMapped());
      assertFalse(file.bytes("transposed", scratch).isMapped());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "harmful | the name posix.system at byte",
        "nested | 'model' is a dictionary, not a tensor",
        "list | the pickle opcode 0x5d ']' at byte",
        "double | the name torch.DoubleStorage at byte",
        "numpy | _reconstruct at byte",
        "sparse | _rebuild_sparse_tensor at byte",
        "protocol4 | pickle protocol 4",
        "legacy | no end of a zip archive",
        "tensor | it holds a tensor, not a state dict",
      })
  void shouldRefuseWhatIsNoStateDictOfTensors(String name, String trouble) {
    assertTroubled(PytorchFixtures.path("refused-%s.pth".formatted(name)), trouble);
    assertFalse(Files.exists(Path.of("/tmp/megalodon-pickle-ran")), "a pickle was executed");
  }

  @Test
  void shouldRefuseCompressedEntries() throws IOException {
    byte[] archive = Archives.plain(ZipEntry.DEFLATED, Archives.entries(LAYOUTS));
    Path path = Files.write(folder.resolve("deflated.pth"), archive);
    assertTroubled(path, "is compressed or encrypted");
  }

  @Test
  void shouldNameTheTensorWhoseStorageIsDamaged() throws IOException {
    byte[] bytes = Files.readAllBytes(LAYOUTS);
    byte[] storage = Archives.entry(LAYOUTS, "layouts/data/0");
    int place = indexOf(bytes, storage);
    bytes[place + 5] ^= 16;
    Path path = Files.write(folder.resolve("flipped.pth"), bytes);
    try (PytorchFile file = PytorchFile.open(path);
        Arena scratch = Arena.ofConfined()) {
      for (int attempt = 0; attempt < 2; attempt++) {
        var error =
            assertThrows(PytorchFileException.class, () -> file.bytes("transposed", scratch));
        assertTrue(error.toString().contains("tensor 'transposed' is damaged"), error.toString());
      }
    }
  }

  @Test
  void shouldNameTheTensorWhoseStorageHasAnotherSize() throws IOException {
    Map<String, byte[]> entries = Archives.entries(LAYOUTS);
    entries.put("layouts/data/0", new byte[95]);
    byte[] archive = Archives.plain(ZipEntry.STORED, entries);
    Path path = Files.write(folder.resolve("short.pth"), archive);
    assertTroubled(path, "in a storage of 24 F32, but data/0 has 95 bytes");
    entries.remove("layouts/data/0");
    assertTroubled(
        Files.write(path, Archives.plain(ZipEntry.STORED, entries)), "has no 'layouts/data/0'");
  }

  @Test
  void shouldRefuseBigEndianFiles() throws IOException {
    Map<String, byte[]> entries = Archives.entries(LAYOUTS);
    entries.put("layouts/byteorder", new byte[] {'b', 'i', 'g'});
    byte[] archive = Archives.plain(ZipEntry.STORED, entries);
    assertTroubled(Files.write(folder.resolve("big.pth"), archive), "byte order");
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int i = 0; i + part.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    throw new AssertionError("the storage is not in the file");
  }

  private static void assertTroubled(Path path, String trouble) {
    var error = assertThrows(PytorchFileException.class, () -> PytorchFile.open(path).close());
    assertTrue(error.toString().contains(trouble), error.toString());
    assertTrue(error.toString().contains(path.toString()), error.toString());
    assertEquals(1, error.toString().lines().count(), error.toString());
  }
}
