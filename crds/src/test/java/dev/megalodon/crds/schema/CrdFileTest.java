package dev.megalodon.crds.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
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
    assertCommitted(CrdDocument.generate(), file);
  }

  @Test
  void shouldHaveAPageOfItsFields() throws IOException {
    assertCommitted(FieldReference.of(CrdDocument.generate()), FieldReference.FILE);
  }

  /**
   * kubectl replaces lists of custom resources as a whole: if the API server adds to an entry, the
   * same manifest applied again is another list, and {@code kubectl apply} says "configured" for
   * ever. The records add what an entry leaves out.
   */
  @Test
  void shouldHaveNoDefaultsWithinLists() throws IOException {
    JsonNode crd = CrdDocument.parse(CrdDocument.generate());
    List<JsonNode> withDefaults =
        crd.findValues("items").stream()
            .filter(items -> items.findValue("default") != null)
            .toList();
    assertEquals(List.of(), withDefaults);
  }

  private static void assertCommitted(String generated, Path file) throws IOException {
    if (Boolean.getBoolean("crd.write")) {
      Files.writeString(file, generated);
    }
    assertEquals(
        generated,
        Files.readString(file),
        () -> file + " is stale: run `make crds` and commit the result");
  }
}
