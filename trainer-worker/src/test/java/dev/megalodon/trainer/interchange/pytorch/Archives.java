package dev.megalodon.trainer.interchange.pytorch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Zip archives made by hand. */
final class Archives {
  private Archives() {}

  /** The entries of an archive. */
  static Map<String, byte[]> entries(Path archive) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile file = new ZipFile(archive.toFile())) {
      for (ZipEntry entry : Collections.list(file.entries())) {
        try (InputStream content = file.getInputStream(entry)) {
          entries.put(entry.getName(), content.readAllBytes());
        }
      }
    }
    return entries;
  }

  /** The content of one entry. */
  static byte[] entry(Path archive, String name) throws IOException {
    return Objects.requireNonNull(entries(archive).get(name), name);
  }

  /** An archive as the JDK writes it. */
  static byte[] plain(int method, Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream output = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        ZipEntry header = new ZipEntry(entry.getKey());
        header.setMethod(method);
        header.setSize(entry.getValue().length);
        header.setCrc(crc(entry.getValue()));
        output.putNextEntry(header);
        output.write(entry.getValue());
      }
    }
    return bytes.toByteArray();
  }

  /**
   * An archive whose every size and place is in the zip64 fields, with extra fields of other
   * lengths in the local headers than in the directory, as PyTorch writes files beyond 4 GiB.
   */
  static byte[] zip64(Map<String, byte[]> entries) {
    ByteBuffer file = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer directory = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    int padding = 0;
    for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
      byte[] name = entry.getKey().getBytes(StandardCharsets.UTF_8);
      byte[] content = entry.getValue();
      putDirectoryEntry(directory, name, content, file.position());
      file.putInt(0x04034b50).putShort((short) 45).putShort((short) 0x808).putShort((short) 0);
      file.putInt(0).putInt(0).putInt(-1).putInt(-1).putShort((short) name.length);
      file.putShort((short) (20 + 4 + padding)).put(name);
      file.putShort((short) 1).putShort((short) 16).putLong(0).putLong(0);
      file.putShort((short) 0x4246).putShort((short) padding).put(new byte[padding]);
      file.put(content);
      padding = (padding + 7) % 60;
    }
    long start = file.position();
    file.put(directory.flip());
    long end = file.position();
    file.putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45).putLong(0);
    file.putLong(entries.size()).putLong(entries.size()).putLong(end - start).putLong(start);
    file.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
    file.putInt(0x06054b50).putInt(0).putInt(-1).putInt(-1).putInt(-1).putShort((short) 0);
    byte[] result = new byte[file.position()];
    file.flip().get(result);
    return result;
  }

  private static void putDirectoryEntry(
      ByteBuffer directory, byte[] name, byte[] content, long place) {
    directory.putInt(0x02014b50).putShort((short) 45).putShort((short) 45).putShort((short) 0x808);
    directory.putShort((short) 0).putInt(0).putInt((int) crc(content)).putInt(-1).putInt(-1);
    directory.putShort((short) name.length).putShort((short) 28).putShort((short) 0);
    directory.putShort((short) 0).putShort((short) 0).putInt(0).putInt(-1).put(name);
    directory.putShort((short) 1).putShort((short) 24);
    directory.putLong(content.length).putLong(content.length).putLong(place);
  }

  private static long crc(byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(content);
    return crc.getValue();
  }
}
