package dev.megalodon.trainer.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.reference.ReferenceDevice;
import dev.megalodon.trainer.verify.GoldenFolder.Outcome;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * Golden files whose dimensions share no factor with vectors, chunks or slices: three heads, five
 * modes, widths of 18, 25 and 27, lengths that leave tails everywhere, and a last rank with a
 * single step. From {@code src/test/golden/make_golden.py}, which shares no derivation with this
 * code.
 */
class GoldenDimensionsTest {
  private static final int FILES = 20;

  @Test
  void shouldHoldInSinglePrecision() throws IOException {
    assertAllWell(() -> new CpuDevice(1));
  }

  @Test
  void shouldHoldToTheLastDigitsInDoublePrecision() throws IOException {
    assertAllWell(ReferenceDevice::new);
  }

  private static void assertAllWell(Supplier<Device> devices) throws IOException {
    List<Path> files = GoldenFolder.files(folder());
    assertEquals(FILES, files.size());
    for (Path file : files) {
      Outcome outcome = GoldenFolder.compare(file, devices);
      assertTrue(outcome.isWell(), outcome.toString());
    }
  }

  private static Path folder() {
    try {
      return Path.of(
          Objects.requireNonNull(GoldenDimensionsTest.class.getResource("/golden-uneven")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
