package dev.megalodon.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data larger than memory: reading a part costs that part. */
class MappedDataTest {
  private static final long GIBIBYTE = 1L << 30;
  private static final long SIZE = 6 * GIBIBYTE;

  @TempDir Path folder;

  @Test
  void shouldReadAHugeFileWithoutHoldingIt() throws IOException {
    Path file = folder.resolve("sparse");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), SIZE - 3);
    }
    long before = residentBytes();
    try (TokenStream tokens = new DataFormat.Text().open(List.of(file), OptionalInt.empty())) {
      assertEquals(SIZE, tokens.size());
      int[] window = new int[4_096];
      for (long offset = 0; offset < SIZE - window.length; offset += SIZE / 500) {
        tokens.read(offset, window, 0, window.length);
      }
      int[] end = new int[3];
      tokens.read(SIZE - 3, end, 0, 3);
      assertArrayEquals(new int[] {1, 2, 3}, end);
      long grown = residentBytes() - before;
      assertTrue(grown < GIBIBYTE / 2, "grew by %d bytes".formatted(grown));
    }
  }

  private static long residentBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElseThrow();
  }
}
