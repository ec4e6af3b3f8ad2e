package dev.megalodon.trainer.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.trainer.data.shard.ShardWriter;
import dev.megalodon.trainer.tokenizer.TestTokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of damaged files: only the documented error comes out, and no process ends. */
class DamagedDataIT {
  @TempDir Path folder;

  @Test
  void shouldRefuseDamagedJsonLines() throws Exception {
    String line = "{\"id\": 7, \"meta\": {\"a\": [1, 2.5e3, true]}, \"text\": \"na\\u00efve 水\"}\n";
    fuzz("jsonl", Files.writeString(folder.resolve("a.jsonl"), line.repeat(6)), 3_000);
  }

  @Test
  void shouldRefuseDamagedShards() throws Exception {
    Path shard = folder.resolve("a.tokens");
    try (ShardWriter writer = new ShardWriter(shard, 256, "bytes")) {
      for (int document = 0; document < 20; document++) {
        writer.add(new int[] {document, 255, 3, 4, 5});
        writer.endDocument();
      }
      writer.commit();
    }
    fuzz("tokens", shard, 3_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"unigram.model", "bpe.model"})
  void shouldRefuseDamagedSentencePieceModels(String name) throws Exception {
    fuzz("sentencepiece", TestTokenizers.file(name), 1_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte_level.json", "metaspace.json"})
  void shouldRefuseDamagedTokenizerFiles(String name) throws Exception {
    fuzz("huggingface", TestTokenizers.file(name), 1_000);
  }

  private void fuzz(String kind, Path file, int cases) throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:-CreateCoredumpOnCrash",
                    "-XX:ErrorFile=" + folder.resolve("crash"),
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    FuzzMain.class.getName(),
                    kind,
                    file.toString(),
                    folder.toString(),
                    "1",
                    String.valueOf(cases)))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), () -> "still at it: " + tail(output));
    assertEquals(0, process.exitValue(), () -> tail(output));
    // Damage that is none is accepted; only damage would mean that nothing was tried.
    assertTrue(tail(output).matches("(?s).*refused \\d+ of " + cases), () -> tail(output));
    assertFalse(tail(output).endsWith("refused %d of %d".formatted(cases, cases)));
  }

  private static String tail(Path output) {
    try {
      List<String> lines = Files.readAllLines(output, StandardCharsets.ISO_8859_1);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 25), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
