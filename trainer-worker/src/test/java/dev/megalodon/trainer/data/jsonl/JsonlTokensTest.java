package dev.megalodon.trainer.data.jsonl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.data.TokenStream;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonlTokensTest {
  @TempDir Path folder;

  @Test
  void shouldReadTheFieldOfEachLine() throws IOException {
    write(
        "a.jsonl", "{\"id\": [1, {\"text\": 2}], \"text\": \"one \\u00e9\"}\n\n{\"text\":\"two\"}");
    write("b.jsonl", " {\"text\": \"\"}\r\n{\"text\": \"three\"}\n");
    assertEquals("one étwothree", text(OptionalInt.empty()));
    assertEquals("one é|two||three|", text(OptionalInt.of('|')));
  }

  @Test
  void shouldReadAnywhereAsAllOfItReads() throws IOException {
    Random random = new Random(5);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int file = 0; file < 3; file++) {
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < 400; i++) {
        String text = Character.toString('a' + random.nextInt(26)).repeat(random.nextInt(8_000));
        lines.append("{\"text\": \"").append(text).append("\"}\n");
        all.writeBytes((text + "\0").getBytes(StandardCharsets.UTF_8));
      }
      write("part" + file, lines.toString());
    }
    try (TokenStream tokens = open(OptionalInt.of(0))) {
      assertEquals(all.size(), tokens.size());
      for (int round = 0; round < 300; round++) {
        int count = random.nextInt(20_000);
        int from = random.nextInt(all.size() - count);
        int[] read = new int[count];
        tokens.read(from, read, 0, count);
        byte[] expected = Arrays.copyOfRange(all.toByteArray(), from, from + count);
        assertEquals(new String(expected, StandardCharsets.UTF_8), text(read), "from " + from);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"text\": 1}| no field \"text\" that is a string",
        "{\"body\": \"x\"}| no field \"text\"",
        "[\"text\"]| not a JSON object",
        "{\"text\": \"x\"| not valid JSON",
        "{\"text\": \"x\"} {}| more than one",
        "{\"text\": \"x\", \"text\": \"y\"}| Duplicate field",
        "{\"text\": \"\\ud800\"}| half a surrogate pair",
      })
  void shouldNameFileAndLineOfWhatIsBad(String line, String part) throws IOException {
    Path file = write("bad.jsonl", "{\"text\": \"good\"}\n\n" + line + "\n");
    WorkerExit exit = assertThrows(WorkerExit.class, () -> text(OptionalInt.empty()));
    assertEquals(ExitCode.BAD_DATA, exit.code());
    assertTrue(exit.sentence().startsWith(file + " line 3: "), exit.sentence());
    assertTrue(exit.sentence().contains(part.strip()), exit.sentence());
    assertEquals(1, exit.sentence().lines().count());
  }

  @Test
  void shouldSayWhenAFileBecameShorter() throws IOException {
    Path file = write("a", "{\"text\": \"0123456789\"}\n".repeat(10));
    try (TokenStream tokens = open(OptionalInt.empty())) {
      Files.writeString(file, "{\"text\": \"0123456789\"}\n");
      int[] target = new int[50];
      WorkerExit exit =
          assertThrows(WorkerExit.class, () -> tokens.read(20, target, 0, target.length));
      assertEquals(ExitCode.BAD_DATA, exit.code());
      assertTrue(exit.sentence().contains("must not change"), exit.sentence());
    }
  }

  @Test
  void shouldReplaceNothingInWhatIsText() throws IOException {
    byte[] text = "\uD83D\uDE80 \u0000 \n".getBytes(StandardCharsets.UTF_8);
    write("a", "{\"text\": \"\\ud83d\\ude80 \\u0000 \\n\"}");
    try (TokenStream tokens = open(OptionalInt.empty())) {
      int[] read = new int[(int) tokens.size()];
      tokens.read(0, read, 0, read.length);
      byte[] bytes = new byte[read.length];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) read[i];
      }
      assertArrayEquals(text, bytes);
    }
  }

  private TokenStream open(OptionalInt separator) {
    return JsonlTokens.open(List.of(folder), "text", separator);
  }

  private String text(OptionalInt separator) {
    try (TokenStream tokens = open(separator)) {
      int[] all = new int[(int) tokens.size()];
      tokens.read(0, all, 0, all.length);
      return text(all);
    }
  }

  private static String text(int[] tokens) {
    byte[] bytes = new byte[tokens.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) tokens[i];
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }
}
