package dev.megalodon.trainer.interchange.pytorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.megalodon.trainer.interchange.Mutations;
import dev.megalodon.trainer.interchange.PytorchFixtures;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is done to a file, it is read or refused in one line. */
class PytorchFuzzTest {
  private static final int CASES = 2_500;
  private static final Path LAYOUTS = PytorchFixtures.path("layouts.pth");

  @TempDir Path folder;

  @Test
  void shouldReadOrRefuseDamagedArchives() throws IOException {
    assertMostRefused(Files.readAllBytes(LAYOUTS), 2);
    assertMostRefused(Archives.zip64(Archives.entries(LAYOUTS)), 3);
  }

  private void assertMostRefused(byte[] valid, long seed) throws IOException {
    Mutations mutations = new Mutations(new Random(seed));
    int refused = 0;
    for (int i = 0; i < CASES; i++) {
      refused += isRefused(mutations.damaged(valid, valid.length)) ? 1 : 0;
    }
    assertTrue(refused > CASES / 2, "only %d of %d were refused".formatted(refused, CASES));
  }

  @Test
  void shouldReadOrRefuseDamagedPicklesWithTheRightChecksum() throws IOException {
    Map<String, byte[]> entries = Archives.entries(LAYOUTS);
    byte[] pickle = Archives.entry(LAYOUTS, "layouts/data.pkl");
    Mutations mutations = new Mutations(new Random(4));
    int refused = 0;
    for (int i = 0; i < CASES; i++) {
      entries.put("layouts/data.pkl", mutations.damaged(pickle, pickle.length));
      refused += isRefused(Archives.plain(ZipEntry.STORED, entries)) ? 1 : 0;
    }
    assertTrue(refused > CASES / 2, "only %d of %d were refused".formatted(refused, CASES));
  }

  @Test
  void shouldRefuseEveryTruncation() throws IOException {
    byte[] valid = Files.readAllBytes(LAYOUTS);
    for (int length = 0; length < valid.length; length++) {
      assertTrue(isRefused(Arrays.copyOf(valid, length)), "cut after %d bytes".formatted(length));
    }
  }

  private boolean isRefused(byte[] content) throws IOException {
    Path path = Files.write(folder.resolve("damaged.pth"), content);
    try (PytorchFile file = PytorchFile.open(path);
        Arena scratch = Arena.ofConfined()) {
      for (PytorchFile.Info tensor : file.tensors()) {
        file.bytes(tensor.name(), scratch);
      }
      return false;
    } catch (PytorchFileException e) {
      assertEquals(1, e.toString().lines().count(), e.toString());
      assertTrue(e.toString().contains(path.toString()), e.toString());
      return true;
    } catch (RuntimeException e) {
      return fail("a damaged file got %s; its bytes: %s".formatted(e, Arrays.toString(content)), e);
    }
  }
}
