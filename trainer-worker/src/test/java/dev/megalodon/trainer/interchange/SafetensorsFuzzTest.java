package dev.megalodon.trainer.interchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.megalodon.kernels.safetensors.SafetensorsException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is done to a file, it is read or refused in one line. */
class SafetensorsFuzzTest {
  private static final int CASES = 4_000;

  @TempDir Path folder;

  @Test
  void shouldReadOrRefuseDamagedFiles() throws IOException {
    byte[] valid = Files.readAllBytes(PytorchFixtures.path("layouts.safetensors"));
    Mutations mutations = new Mutations(new Random(1));
    int refused = 0;
    for (int i = 0; i < CASES; i++) {
      refused += isRefused(mutations.damaged(valid, headerEnd(valid))) ? 1 : 0;
    }
    assertTrue(refused > CASES / 2, "only %d of %d were refused".formatted(refused, CASES));
  }

  @Test
  void shouldRefuseEveryTruncation() throws IOException {
    byte[] valid = Files.readAllBytes(PytorchFixtures.path("layouts.safetensors"));
    for (int length = 0; length < valid.length; length++) {
      assertTrue(isRefused(Arrays.copyOf(valid, length)), "cut after %d bytes".formatted(length));
    }
  }

  private static int headerEnd(byte[] file) {
    return 8 + (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private boolean isRefused(byte[] content) throws IOException {
    Path path = Files.write(folder.resolve("damaged.safetensors"), content);
    try (TensorFile file = TensorFile.open(path);
        Arena scratch = Arena.ofConfined()) {
      for (NamedTensor tensor : file.tensors()) {
        assertEquals(tensor.elements() * tensor.type().bytes(), tensor.bytes(scratch).byteSize());
      }
      return false;
    } catch (SafetensorsException e) {
      assertEquals(1, e.toString().lines().count(), e.toString());
      assertTrue(e.toString().contains(path.toString()), e.toString());
      return true;
    } catch (RuntimeException e) {
      return fail("a damaged file got %s; its bytes: %s".formatted(e, Arrays.toString(content)), e);
    }
  }
}
