package dev.megalodon.kernels.safetensors;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.ElementType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void shouldReadBackWhatItWrote() throws IOException {
    Path path = write(Map.of("config", "{\"a\": 1}", "name", "ünïcode"), entries());
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertEquals(Map.of("config", "{\"a\": 1}", "name", "ünïcode"), file.metadata());
      assertArrayEquals(new double[] {1.5, -2.25, 3}, file.doubles("doubles"));
      assertArrayEquals(new double[] {0.5, Float.MIN_VALUE, -1, 4}, file.doubles("floats"));
      assertArrayEquals(new double[] {-1, 4}, file.doubles("floats", 2, 2));
      assertArrayEquals(new int[] {-100, Integer.MAX_VALUE}, file.ints("ints"));
      assertArrayEquals(new int[] {0, 255, 1}, file.ints("bytes"));
      assertArrayEquals(new double[] {1, -0.5}, file.doubles("half"));
      assertArrayEquals(new double[] {1, -3}, file.doubles("brain"));
      assertArrayEquals(new double[] {-7}, file.doubles("long"));
      assertEquals(List.of(2L, 2L), file.info("floats").dims());
      assertEquals(List.of(), file.info("long").dims());
      assertEquals(ElementType.FLOAT32, file.tensor("floats").type());
    }
  }

  @Test
  void shouldAlignTensorsAndNotDependOnTheOrderOfEntries() throws IOException {
    Path path = write(Map.of("k", "v"), entries());
    byte[] first = Files.readAllBytes(path);
    byte[] second = Files.readAllBytes(write(Map.of("k", "v"), entries().reversed()));
    assertArrayEquals(first, second);
    assertEquals(0, headerLength(first) % 8);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      for (TensorInfo info : file.tensors()) {
        assertEquals(0, info.begin() % info.type().bytes(), info.name());
      }
    }
  }

  @Test
  void shouldReportHowManyBytesItWrote() throws IOException {
    Path path = folder.resolve("sized.safetensors");
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long written = SafetensorsWriter.write(channel, Map.of(), entries());
      assertEquals(written, Files.size(path));
    }
  }

  @Test
  void shouldJoinTheParts() throws IOException {
    var parts = List.of(segment(new float[] {1, 2}), segment(new float[] {3}));
    Path path =
        write(
            Map.of(), List.of(new SafetensorsWriter.Entry("x", DataType.F32, List.of(3L), parts)));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertArrayEquals(new double[] {1, 2, 3}, file.doubles("x"));
    }
  }

  @Test
  void shouldRefuseToWriteWhatIsNotTheShape() {
    var part = List.of(segment(new float[] {1, 2}));
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> new SafetensorsWriter.Entry("weights", DataType.F32, List.of(3L), part));
    assertTrue(error.toString().contains("weights"), error.getMessage());
  }

  @Test
  void shouldRefuseTwoTensorsOfOneName() {
    List<SafetensorsWriter.Entry> twice = new ArrayList<>(entries());
    twice.addAll(entries());
    assertThrows(IllegalArgumentException.class, () -> write(Map.of(), twice));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'x':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | 7 | cut off",
        "{'x':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | 9 | 1 bytes follow",
        "{'x':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}} | 8 | needs 12",
        "{'x':{'dtype':'F33','shape':[2],'data_offsets':[0,8]}} | 8 | unknown dtype 'F33'",
        "{'x':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | 8 | -2 in shape",
        "{'x':{'dtype':'F32','shape':[2.0],'data_offsets':[0,8]}} | 8 | 2.0 in shape",
        "{'x':{'dtype':'F32','data_offsets':[0,4]}} | 4 | has no shape",
        "{'x':{'dtype':'F32','shape':[1],'data_offsets':[4]}} | 4 | two data_offsets",
        "{'x':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | 8 | after a gap",
        "{'x':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},"
            + "'y':{'dtype':'U8','shape':[4],'data_offsets':[2,6]}} | 6 | 'y' overlaps",
        "{'x':{'dtype':'U8','shape':[4294967296,4294967296],'data_offsets':[0,0]}}"
            + " | 0 | more than 2^63",
        "{'x':{'dtype':'U8','shape':[0],'data_offsets':[0,0]},"
            + "'x':{'dtype':'U8','shape':[0],'data_offsets':[0,0]}} | 0 | Duplicate",
        "{'__metadata__':{'a':1}} | 0 | 'a' is not text",
        "{'__metadata__':5} | 0 | metadata is not an object",
        "{'x':{'shape':[],'data_offsets':[0,4]}} | 4 | has no dtype",
        "{'x':{'dtype':{'dtype':'F32'},'shape':[],'data_offsets':[0,4]}} | 4 | dtype is not text",
        "{'x':{'dtype':'F32','shape':{'0':1},'data_offsets':[0,4]}} | 4 | shape is not a list",
        "{'x':{'dtype':'U8','shape':[9223372036854775808],'data_offsets':[0,4]}} | 4 | in shape",
        "{'x':{'dtype':'U8','shape':[4],'data_offsets':[4,0]}} | 4 | holds -4 bytes",
        "{'x':{'dtype':'U8','shape':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
            + "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"
            + "'data_offsets':[0,1]}} | 1 | more than 32 numbers",
        "{'x':7} | 0 | not described by an object",
        "{'x':  | 0 | not JSON at character",
        "{} {} | 0 | not JSON",
        "[] | 0 | begin with",
      })
  void shouldNameFileAndTroubleOfADamagedHeader(String json, int dataBytes, String trouble)
      throws IOException {
    Path path = folder.resolve("damaged.safetensors");
    byte[] header = json.replace('\'', '"').getBytes(UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + header.length + dataBytes);
    file.order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header);
    Files.write(path, file.array());
    assertTroubled(path, trouble);
  }

  @Test
  void shouldRefuseAHeaderThatIsNotUtf8() throws IOException {
    for (byte[] header :
        List.of(new byte[] {'{', '"', (byte) 0xff, '"', '}'}, "{}".getBytes(UTF_16LE))) {
      Path path = folder.resolve("encoding.safetensors");
      ByteBuffer file = ByteBuffer.allocate(8 + header.length);
      Files.write(
          path, file.order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header).array());
      assertTroubled(path, header.length == 4 ? "not JSON" : "not UTF-8");
    }
  }

  @Test
  void shouldSayOnOneLineWhatNamesWithLineBreaks() throws IOException {
    Path path = folder.resolve("break.safetensors");
    byte[] header = "{\"a\\n\\u2028b\":3}".getBytes(UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(path, file.putLong(header.length).put(header).array());
    assertTroubled(path, "'a??b'");
  }

  @Test
  void shouldReadBeyondTwoGibibytes() throws IOException {
    long length = 3L << 30;
    String json = "{'x':{'dtype':'U8','shape':[%d],'data_offsets':[0,%<d]}}".formatted(length);
    byte[] header = json.replace('\'', '"').getBytes(UTF_8);
    Path path = folder.resolve("sparse.safetensors");
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer begin = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
      channel.write(begin.putLong(header.length).put(header).flip());
      channel.write(ByteBuffer.wrap(new byte[] {7, 9}), 8 + header.length + length - 2);
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertArrayEquals(new double[] {0, 7, 9}, file.doubles("x", length - 3, 3));
      var error = assertThrows(SafetensorsException.class, () -> file.doubles("x"));
      assertTrue(error.toString().contains("too many elements"), error.getMessage());
    }
  }

  @Test
  void shouldRefuseContentThatIsShorterThanItsShape() {
    SafetensorsWriter.Content tooShort = sink -> sink.write(segment(new float[] {1}));
    var entry = new SafetensorsWriter.Entry("x", DataType.F32, List.of(2L), tooShort);
    var error = assertThrows(IllegalStateException.class, () -> write(Map.of(), List.of(entry)));
    assertTrue(error.toString().contains("'x' has 4 bytes to write, not 8"), error.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"-1", "9", "100000001", "9223372036854775807"})
  void shouldRefuseAHeaderLengthThatCannotBe(long length) throws IOException {
    Path path = folder.resolve("length.safetensors");
    ByteBuffer file = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    Files.write(path, file.array());
    assertTroubled(path, "header's length is given as " + length);
  }

  @Test
  void shouldRefuseAFileThatIsTooShort() throws IOException {
    Path path = folder.resolve("short.safetensors");
    Files.write(path, new byte[] {1, 2, 3});
    assertTroubled(path, "3 bytes are too few");
  }

  @Test
  void shouldNameATensorThatIsMissing() throws IOException {
    Path path = write(Map.of(), entries());
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      var error = assertThrows(SafetensorsException.class, () -> file.doubles("absent"));
      assertTrue(error.toString().contains("absent"), error.getMessage());
    }
  }

  private static void assertTroubled(Path path, String trouble) {
    var error = assertThrows(SafetensorsException.class, () -> SafetensorsFile.open(path).close());
    assertTrue(error.toString().contains(path.toString()), error.getMessage());
    assertTrue(error.toString().contains(trouble), error.getMessage());
    assertEquals(1, error.toString().lines().count(), error.getMessage());
  }

  private Path write(Map<String, String> metadata, List<SafetensorsWriter.Entry> entries)
      throws IOException {
    Path path = Files.createTempFile(folder, "file", ".safetensors");
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      SafetensorsWriter.write(channel, metadata, entries);
    }
    return path;
  }

  private static List<SafetensorsWriter.Entry> entries() {
    return List.of(
        entry("bytes", DataType.U8, MemorySegment.ofArray(new byte[] {0, -1, 1}), 3),
        entry("brain", DataType.BF16, segment(new short[] {0x3f80, (short) 0xc040}), 2),
        entry("half", DataType.F16, segment(new short[] {0x3c00, (short) 0xb800}), 2),
        entry("floats", DataType.F32, segment(new float[] {0.5f, Float.MIN_VALUE, -1, 4}), 2, 2),
        entry("ints", DataType.I32, segment(new int[] {-100, Integer.MAX_VALUE}), 2),
        entry("long", DataType.I64, segment(new long[] {-7})),
        entry("doubles", DataType.F64, segment(new double[] {1.5, -2.25, 3}), 3));
  }

  private static SafetensorsWriter.Entry entry(
      String name, DataType type, MemorySegment data, long... dims) {
    List<Long> shape = Arrays.stream(dims).boxed().toList();
    return new SafetensorsWriter.Entry(name, type, shape, List.of(data));
  }

  private static MemorySegment segment(float[] values) {
    return bytes(MemorySegment.ofArray(values));
  }

  private static MemorySegment segment(double[] values) {
    return bytes(MemorySegment.ofArray(values));
  }

  private static MemorySegment segment(int[] values) {
    return bytes(MemorySegment.ofArray(values));
  }

  private static MemorySegment segment(long[] values) {
    return bytes(MemorySegment.ofArray(values));
  }

  private static MemorySegment segment(short[] values) {
    return bytes(MemorySegment.ofArray(values));
  }

  /** Heap arrays that are not bytes cannot be viewed as byte buffers. */
  private static MemorySegment bytes(MemorySegment values) {
    return MemorySegment.ofArray(values.toArray(ValueLayout.JAVA_BYTE));
  }

  private static long headerLength(byte[] file) {
    return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }
}
