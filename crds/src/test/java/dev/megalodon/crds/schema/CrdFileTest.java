package dev.megalodon.crds.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class CrdFileTest {
  /** With {@code -Dcrd.write=true} (what {@code make crds} says) it writes the file instead. */
  @Test
  void shouldCommitTheCrdThatFollowsFromTheRecords() throws IOException {
    String generated = CrdDocument.generate();
    if (Boolean.getBoolean("crd.write")) {
      Files.createDirectories(CrdDocument.FILE.getParent());
      Files.writeString(CrdDocument.FILE, generated);
    }
    assertEquals(
        generated,
        Files.readString(CrdDocument.FILE),
        () -> "crds/" + CrdDocument.FILE + " is stale: run `make crds` and commit the result");
  }
}
