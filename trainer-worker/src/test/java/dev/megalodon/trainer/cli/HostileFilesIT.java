package dev.megalodon.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files made to fill memory are refused by a JVM of 256 MiB. */
class HostileFilesIT {
  private static final int HEADER_BYTES = 90_000_000;

  @TempDir Path folder;

  @Test
  void shouldRefuseAShapeOfMillionsOfNumbers() throws Exception {
    Path file = header("{\"x\":{\"dtype\":\"U8\",\"shape\":[1", ",1000", "]}}");
    assertRefused(file, "more than 32 numbers in shape");
  }

  @Test
  void shouldRefuseMillionsOfTensors() throws Exception {
    String tensor = "\"%07d\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},";
    assertRefused(header("{", tensor, "\"x\":0}"), "more than 100000 tensors");
  }

  @Test
  void shouldRefuseAnEndlessString() throws Exception {
    assertRefused(header("{\"__metadata__\":{\"a\":\"", "aaaaaaaaaa", "\"}}"), "not JSON");
  }

  @Test
  void shouldRefuseAPickleThatIsKeptInTheMemo() throws Exception {
    assertRefused(pickle(8 << 20), "a memo of more than 200000 values");
    assertRefused(pickle(100 << 20), "are more than 8388608");
  }

  /** A safetensors file whose header is that text, with the middle as often as it fits. */
  private Path header(String begin, String middle, String end) throws IOException {
    Path file = folder.resolve("header.safetensors");
    try (OutputStream output = new BufferedOutputStream(Files.newOutputStream(file))) {
      output.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(HEADER_BYTES).array());
      output.write(ascii(begin));
      long left = HEADER_BYTES - begin.length() - end.length();
      int i = 0;
      for (byte[] next = ascii(middle.formatted(i)); left >= next.length; left -= next.length) {
        output.write(next);
        next = ascii(middle.formatted(++i));
      }
      output.write(ascii(end));
      output.write(ascii(" ".repeat((int) left)));
    }
    return file;
  }

  /** A state dict of dictionaries, each remembered. */
  private Path pickle(int bytes) throws IOException {
    Path file = folder.resolve("memo.pth");
    ByteBuffer pickle = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    pickle.put((byte) '}');
    for (int i = 0; pickle.remaining() > 32; i++) {
      // EMPTY_DICT, LONG_BINPUT, BUILD: the stack lets go of the dictionary, the memo keeps it.
      pickle.put((byte) '}').put((byte) 'r').putInt(i).put((byte) 'b');
    }
    try (ZipOutputStream output = new ZipOutputStream(Files.newOutputStream(file))) {
      output.setMethod(ZipOutputStream.STORED);
      ZipEntry entry = new ZipEntry("memo/data.pkl");
      entry.setSize(bytes);
      CRC32 crc = new CRC32();
      crc.update(pickle.array());
      entry.setCrc(crc.getValue());
      output.putNextEntry(entry);
      output.write(pickle.array());
    }
    return file;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private void assertRefused(Path file, String trouble) throws Exception {
    try (WorkerJvm command =
        WorkerJvm.start(folder.resolve("log"), List.of("inspect", file.toString()))) {
      assertEquals(ExitCode.CHECKPOINT_FAILED.code(), command.await(), command.log());
      assertTrue(command.log().contains(trouble), command.log());
    }
  }
}
