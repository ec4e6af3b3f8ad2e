package dev.megalodon.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
  @TempDir Path folder;

  @Test
  void shouldReadFilesInTheOrderOfTheirPaths() throws IOException {
    write("b.txt", "second ");
    write("a/z.txt", "first ");
    write("c", "third");
    write("empty", "");
    try (Corpus corpus = Corpus.open(List.of(folder))) {
      assertEquals(3, corpus.fileCount());
      assertEquals("first second third", text(corpus, 0, (int) corpus.size()));
      assertEquals("t second t", text(corpus, 4, 10));
    }
  }

  @Test
  void shouldJoinSourcesInTheOrderGiven() throws IOException {
    Path second = write("x/2", "two");
    Path first = write("y/1", "one ");
    try (Corpus corpus = Corpus.open(List.of(first, second.getParent()))) {
      assertEquals("one two", text(corpus, 0, 7));
    }
  }

  @Test
  void shouldReadMoreFilesThanItMapsAtOnce() throws IOException {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 700; i++) {
      String content = "%03d,".formatted(i);
      write("%03d".formatted(i), content);
      all.append(content);
    }
    try (Corpus corpus = Corpus.open(List.of(folder))) {
      assertEquals(all.toString(), text(corpus, 0, 2_800));
      assertEquals("010,011,", text(corpus, 40, 8));
    }
  }

  @Test
  void shouldNameASourceThatIsNotThere() {
    Path missing = folder.resolve("nothing/here");
    WorkerExit exit = assertThrows(WorkerExit.class, () -> Corpus.open(List.of(missing)));
    assertEquals(ExitCode.MISSING_INPUT, exit.code());
    assertTrue(exit.sentence().contains(missing.toString()), exit.sentence());
  }

  @Test
  void shouldRefuseAnEmptyFolder() {
    WorkerExit exit = assertThrows(WorkerExit.class, () -> Corpus.open(List.of(folder)));
    assertEquals(ExitCode.BAD_DATA, exit.code());
    assertTrue(exit.sentence().contains(folder.toString()), exit.sentence());
  }

  @Test
  void shouldNoticeThatAFileWasResized() throws IOException {
    Path file = write("text", "0123456789");
    try (Corpus corpus = Corpus.open(List.of(folder))) {
      Files.writeString(file, "01234");
      byte[] target = new byte[10];
      WorkerExit exit = assertThrows(WorkerExit.class, () -> corpus.read(0, target));
      assertEquals(ExitCode.BAD_DATA, exit.code());
      assertTrue(exit.sentence().contains(file.toString()), exit.sentence());
    }
  }

  @Test
  void shouldFingerprintNamesAndSizes() throws IOException {
    write("a", "12345");
    String before = fingerprint();
    write("a", "54321");
    assertEquals(before, fingerprint());
    write("b", "1");
    assertNotEquals(before, fingerprint());
  }

  @Test
  void shouldCutWindowsWithTheirTargets() throws IOException {
    write("text", "abcdefgh");
    try (TokenStream text = new TextTokens(Corpus.open(List.of(folder)))) {
      TokenRange range = new TokenRange(text, 1, 6, 3, "the text");
      assertEquals(3, range.positions());
      assertEquals(1, range.consecutiveWindows());
      Batch batch = Batch.empty(2, 3);
      range.window(0, batch, 0);
      range.window(2, batch, 1);
      assertArrayEquals("bcddef".chars().toArray(), batch.tokens());
      assertArrayEquals("cdeefg".chars().toArray(), batch.targets());
    }
  }

  @Test
  void shouldRefuseTextShorterThanOneSequence() throws IOException {
    write("text", "abc");
    try (TokenStream text = new TextTokens(Corpus.open(List.of(folder)))) {
      WorkerExit exit =
          assertThrows(WorkerExit.class, () -> new TokenRange(text, 0, 3, 3, "the training text"));
      assertEquals(ExitCode.BAD_DATA, exit.code());
      assertTrue(exit.sentence().startsWith("the training text has 3 tokens"));
    }
  }

  @Test
  void shouldPutASeparatorAfterEachFile() throws IOException {
    write("a", "one");
    write("b", "2");
    write("c", "three");
    int[] all = {'o', 'n', 'e', 0, '2', 0, 't', 'h', 'r', 'e', 'e', 0};
    try (TokenStream text = new DataFormat.Text().open(List.of(folder), OptionalInt.of(0))) {
      assertEquals(all.length, text.size());
      for (int from = 0; from < all.length; from++) {
        for (int to = from; to <= all.length; to++) {
          int[] part = new int[to - from];
          text.read(from, part, 0, part.length);
          assertArrayEquals(Arrays.copyOfRange(all, from, to), part, from + " to " + to);
        }
      }
    }
  }

  private String fingerprint() {
    try (Corpus corpus = Corpus.open(List.of(folder))) {
      return corpus.fingerprint();
    }
  }

  private Path write(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  private static String text(Corpus corpus, long offset, int length) {
    byte[] bytes = new byte[length];
    corpus.read(offset, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
