package dev.megalodon.crds.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CrdFileTest {
  static List<Path> committedFiles() {
    return List.of(CrdDocument.FILE, CrdDocument.COPY_IN_CHART);
  }

  /** With {@code -Dcrd.write=true} (what {@code make crds} says) it writes the file instead. */
  @ParameterizedTest
  @MethodSource("committedFiles")
  void shouldBeWhatFollowsFromTheRecords(Path file) throws IOException {
    String generated = CrdDocument.generate();
    if (Boolean.getBoolean("crd.write")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, generated);
    }
    assertEquals(
        generated,
        Files.readString(file),
        () -> file + " is stale: run `make crds` and commit the result");
  }
}
