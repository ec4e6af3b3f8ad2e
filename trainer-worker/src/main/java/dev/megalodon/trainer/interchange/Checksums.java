package dev.megalodon.trainer.interchange;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.kernels.safetensors.SafetensorsException;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.kernels.safetensors.TensorInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * A CRC-32 for every tensor, in the metadata of an exported file: the format itself has none, and a
 * single file has no manifest beside it. For one thread.
 */
public final class Checksums {
  private static final String KEY = "megalodon.crc32";
  private static final int READ_AT_ONCE = 1 << 26;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final SafetensorsFile file;
  private final Map<String, String> expected;
  private final Set<String> intact = new HashSet<>();

  private Checksums(SafetensorsFile file, Map<String, String> expected) {
    this.file = file;
    this.expected = expected;
  }

  /** Metadata for a file of these tensors. */
  static Map<String, String> metadata(List<NamedTensor> tensors) throws IOException {
    Map<String, String> byName = new TreeMap<>();
    for (NamedTensor tensor : tensors) {
      try (Arena scratch = Arena.ofConfined()) {
        byName.put(tensor.name(), crc32(tensor.bytes(scratch)));
      }
    }
    return Map.of(KEY, JSON.writeValueAsString(byName));
  }

  /**
   * The checksums of an open file, which may have none.
   *
   * @throws SafetensorsException when it has some and they cannot be read
   */
  static Checksums of(SafetensorsFile file) throws SafetensorsException {
    String json = file.metadata().getOrDefault(KEY, "{}");
    try {
      return new Checksums(file, JSON.readValue(json, new TypeReference<Map<String, String>>() {}));
    } catch (JsonProcessingException e) {
      throw new SafetensorsException(file.path(), "its checksums are not JSON of text by name");
    }
  }

  /**
   * Reads every tensor that has a checksum and compares.
   *
   * @throws SafetensorsException naming the first tensor that is damaged
   */
  public static void requireIntact(SafetensorsFile file) throws SafetensorsException {
    Checksums checksums = of(file);
    for (TensorInfo tensor : file.tensors()) {
      checksums.checked(tensor.name());
    }
  }

  /** A tensor's bytes, compared with its checksum when they are asked for first. */
  MemorySegment checked(String name) throws SafetensorsException {
    MemorySegment bytes = file.segment(name);
    String wanted = expected.get(name);
    if (wanted != null && !intact.contains(name)) {
      String actual = crc32(bytes);
      if (!actual.equals(wanted)) {
        throw new SafetensorsException(
            file.path(),
            name,
            "is damaged: its CRC-32 is %s, the file says %s".formatted(actual, wanted));
      }
      intact.add(name);
    }
    return bytes;
  }

  private static String crc32(MemorySegment bytes) {
    CRC32 crc = new CRC32();
    for (long from = 0; from < bytes.byteSize(); from += READ_AT_ONCE) {
      long count = Math.min(READ_AT_ONCE, bytes.byteSize() - from);
      crc.update(bytes.asSlice(from, count).asByteBuffer());
    }
    return "%08x".formatted(crc.getValue());
  }
}
