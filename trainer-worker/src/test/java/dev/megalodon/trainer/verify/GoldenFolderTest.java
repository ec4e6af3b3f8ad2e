package dev.megalodon.trainer.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.reference.ReferenceDevice;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.golden.Fixture;
import dev.megalodon.trainer.verify.GoldenFolder.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldenFolderTest {
  @TempDir Path folder;

  @Test
  void shouldCompareEveryTensorOfEveryFile() throws IOException {
    List<Path> files = GoldenFolder.files(Fixture.path(""));
    assertEquals(20, files.size());
    for (Path file : files) {
      Outcome outcome = GoldenFolder.compare(file, () -> new CpuDevice(1));
      assertTrue(outcome.isWell(), outcome.toString());
    }
  }

  @Test
  void shouldHoldTheReferenceDeviceToTheLastDigits() throws IOException {
    for (String name : List.of("block_state", "op_optim", "stream", "chunk_parallel_3_uneven")) {
      Path file = Fixture.path(name + ".safetensors");
      Outcome outcome = GoldenFolder.compare(file, ReferenceDevice::new);
      assertTrue(outcome.isWell(), outcome.toString());
      double allowed = assertInstanceOf(Outcome.Compared.class, outcome).worst().allowed();
      assertTrue(allowed < 1e-5, outcome.toString());
    }
  }

  @Test
  void shouldFindOneNumberThatIsOff() throws IOException {
    for (double wrong : new double[] {1e3, Double.NaN}) {
      Path file = copy("block_plain.safetensors");
      overwriteFirst(file, "act.cema", wrong);
      Outcome outcome = GoldenFolder.compare(file, () -> new CpuDevice(1));
      assertFalse(outcome.isWell(), outcome.toString());
      Outcome.Compared compared = assertInstanceOf(Outcome.Compared.class, outcome);
      assertEquals("act.cema", compared.worst().name());
    }
  }

  @Test
  void shouldRefuseWhatItDoesNotKnow() throws IOException {
    Path unknown = folder.resolve("mystery.safetensors");
    Files.write(
        unknown, file("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4));
    assertRefused(unknown, "knows this kind");
    Path damaged = Files.writeString(folder.resolve("damaged.safetensors"), "no");
    assertRefused(damaged, "damaged.safetensors");
    assertThrows(IOException.class, () -> GoldenFolder.files(folder.resolve("nothing")));
  }

  @Test
  void shouldNotPassOverATensorThatNothingCompares() throws IOException {
    Path file = copy("op_optim.safetensors");
    rename(file, "sched.linear", "sched.lineax");
    assertRefused(file, "sched.linear");
    Path other = copy("block_plain.safetensors");
    rename(other, "act.mega_out", "act.mega_oud");
    assertRefused(other, "act.mega_ou");
  }

  private static void assertRefused(Path file, String words) {
    Outcome outcome = GoldenFolder.compare(file, () -> new CpuDevice(1));
    assertFalse(outcome.isWell());
    String reason = assertInstanceOf(Outcome.Refused.class, outcome).reason();
    assertTrue(reason.contains(words), reason);
  }

  private Path copy(String name) throws IOException {
    return Files.write(folder.resolve(name), Files.readAllBytes(Fixture.path(name)));
  }

  /** A name of the same length, so that nothing moves. */
  private static void rename(Path file, String before, String after) throws IOException {
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    assertTrue(text.contains('"' + before + '"'));
    Files.writeString(
        file, text.replace('"' + before + '"', '"' + after + '"'), StandardCharsets.ISO_8859_1);
  }

  private static void overwriteFirst(Path path, String tensor, double value) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long begin;
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      begin = file.info(tensor).begin();
    }
    buffer.putDouble((int) (8 + buffer.getLong(0) + begin), value);
    Files.write(path, bytes);
  }

  private static byte[] file(String header, int data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .array();
  }
}
