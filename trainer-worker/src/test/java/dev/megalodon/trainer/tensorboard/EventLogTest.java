package dev.megalodon.trainer.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {
  private static final Instant TIME = Instant.parse("2026-01-01T00:00:00.250Z");

  /** What TensorBoard's own RecordWriter makes of the same events (tensorboard 2.21.0). */
  private static final String HEADER =
      "1800000000000000a37f4b2209000010406e55da411a0d627261696e2e4576656e743a327ce7ce86"
          + "100000000000000095fbfe1809000010406e55da4110ad023a0208015df3d0d5";

  private static final String NUMBERS =
      "3d000000000000006049f1ec09000010406e55da4110ad022a2f0a110a0a747261696e2f6c6f737315000020"
          + "400a1a0a13747261696e2f6c6561726e696e675f72617465156f12833a4dedac38";

  @TempDir Path folder;

  @Test
  void shouldWriteTheBytesThatTensorBoardWrites() throws IOException {
    try (EventLog log = new EventLog(folder)) {
      log.begin("1", 301);
      log.scalars(TIME, 301, numbers());
    }
    assertEquals(HEADER + NUMBERS, hex(file("1")));
  }

  private static Map<String, Double> numbers() {
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("train/loss", 2.5);
    numbers.put("train/learning_rate", 0.001);
    return numbers;
  }

  @Test
  void shouldGoOnInANewFile() throws IOException {
    try (EventLog log = new EventLog(folder)) {
      log.begin("1", 301);
      log.scalars(TIME, 301, numbers());
      log.begin("2", 301);
      log.begin("3", 301);
      log.scalars(TIME, 301, numbers());
    }
    assertEquals(HEADER + NUMBERS, hex(file("1")));
    assertEquals(HEADER + NUMBERS, hex(file("3")));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file("1"), file("3")), files.sorted().toList());
    }
  }

  @Test
  void shouldNotMindAFolderThatCannotBeWritten() throws IOException {
    Path inTheWay = Files.createFile(folder.resolve("curves"));
    try (EventLog log = new EventLog(inTheWay)) {
      log.begin("1", 301);
      log.scalars(TIME, 301, numbers());
      log.begin("2", 301);
      log.scalars(TIME, 301, numbers());
    }
    assertEquals(0, Files.size(inTheWay));
  }

  @Test
  void shouldGoOnWhenTheFolderCanBeWrittenAgain() throws IOException {
    Path inTheWay = Files.createFile(folder.resolve("curves"));
    byte[] event = Event.scalars(TIME, 301, numbers());
    EventFile file = new EventFile(inTheWay.resolve("1"), 301);
    assertThrows(IOException.class, () -> file.append(TIME, event));
    Files.delete(inTheWay);
    file.append(TIME, event);
    assertEquals(HEADER + NUMBERS, hex(inTheWay.resolve("1")));
  }

  @Test
  void shouldOverwriteARecordThatWasTorn() throws IOException {
    EventFile file = new EventFile(file("1"), 301);
    file.append(TIME, Event.scalars(TIME, 301, numbers()));
    Files.writeString(file("1"), "half a record", StandardOpenOption.APPEND);
    file.append(TIME, Event.scalars(TIME, 301, numbers()));
    assertEquals(HEADER + NUMBERS + NUMBERS, hex(file("1")));
  }

  @Test
  void shouldBeginAgainWhenTheFileIsGone() throws IOException {
    EventFile file = new EventFile(file("1"), 301);
    file.append(TIME, Event.scalars(TIME, 301, numbers()));
    Files.delete(file("1"));
    file.append(TIME, Event.scalars(TIME, 301, numbers()));
    assertEquals(HEADER + NUMBERS, hex(file("1")));
  }

  @Test
  void shouldWantAFile() {
    try (EventLog log = new EventLog(folder)) {
      assertThrows(IllegalStateException.class, () -> log.scalars(TIME, 1, numbers()));
    }
  }

  private Path file(String name) {
    return folder.resolve("events.out.tfevents." + name);
  }

  private static String hex(Path file) throws IOException {
    return HexFormat.of().formatHex(Files.readAllBytes(file));
  }
}
