package dev.megalodon.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.data.DataFormat;
import dev.megalodon.trainer.data.TokenStream;
import dev.megalodon.trainer.data.shard.PreparedFolder;
import dev.megalodon.trainer.tokenizer.TestTokenizers;
import dev.megalodon.trainer.tokenizer.Tokenizer;
import dev.megalodon.trainer.tokenizer.TokenizerSource;
import dev.megalodon.trainer.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text through {@code megalodon prepare} and back. */
class PrepareCommandIT {
  @TempDir Path folder;
  private Path sources;
  private final List<String> documents = new ArrayList<>();

  @BeforeEach
  void writeSources() throws IOException {
    sources = Files.createDirectories(folder.resolve("sources"));
    Random random = new Random(3);
    for (int file = 0; file < 5; file++) {
      StringBuilder text = new StringBuilder();
      int words = file == 2 ? 300_000 : random.nextInt(2_000) + 1;
      for (int i = 0; i < words; i++) {
        text.append(random.nextInt(9) == 0 ? "naïve 水\n" : "license ").append(random.nextInt(50));
      }
      documents.add(text.toString());
      Files.writeString(sources.resolve("%d.txt".formatted(file)), text);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes", "bpe.model", "unigram.model", "byte_level.json"})
  void shouldKeepEveryDocument(String name) throws IOException {
    String option = name.equals("bytes") ? name : TestTokenizers.file(name).toString();
    assertEquals(0, prepare("out", option, 3, "--shard-tokens=100000"));
    TokenizerSource source = TokenizerOptions.source(option);
    PreparedFolder prepared = PreparedFolder.read(folder.resolve("out"));
    assertEquals(5, prepared.documents());
    assertTrue(prepared.shards().size() > 1, prepared.toString());
    try (Tokenizer tokenizer = Tokenizers.open(source);
        TokenStream shards =
            new DataFormat.Shards(source.identity())
                .open(List.of(folder.resolve("out")), OptionalInt.empty())) {
      assertEquals(prepared.tokens(), shards.size());
      assertEquals(tokenizer.vocabularySize(), shards.vocabularySize());
      if (!name.startsWith("unigram")) {
        int[] all = new int[(int) shards.size()];
        shards.read(0, all, 0, all.length);
        // Each piece of a document may begin with a space of the tokenizer's own.
        assertEquals(
            String.join("", documents).replace(" ", ""), tokenizer.decode(all).replace(" ", ""));
      }
    }
    assertEquals(0, MegalodonCommand.run("prepare", "--verify", folder.resolve("out").toString()));
  }

  @Test
  void shouldWriteTheSameWithAnyNumberOfThreads() throws IOException {
    String tokenizer = TestTokenizers.file("bpe.model").toString();
    assertEquals(0, prepare("one", tokenizer, 1, "--shard-tokens=50000"));
    assertEquals(0, prepare("four", tokenizer, 4, "--shard-tokens=50000"));
    List<Path> files = list(folder.resolve("one"));
    assertEquals(files.size(), list(folder.resolve("four")).size());
    for (Path file : files) {
      Path other = folder.resolve("four").resolve(file.getFileName());
      assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(other), file.toString());
    }
  }

  @Test
  void shouldRefuseToWriteOverAnything() throws IOException {
    assertEquals(0, prepare("out", "bytes", 1));
    assertEquals(ExitCode.BAD_SPEC.code(), prepare("out", "bytes", 1));
    Files.delete(folder.resolve("out").resolve(PreparedFolder.FILE));
    assertEquals(ExitCode.BAD_SPEC.code(), prepare("out", "bytes", 1));
    assertEquals(
        ExitCode.MISSING_INPUT.code(),
        MegalodonCommand.run("prepare", "--verify", folder.resolve("out").toString()));
  }

  @Test
  void shouldLeaveNothingHalfDoneThatLooksDone() throws IOException {
    Files.writeString(sources.resolve("9.txt"), "x");
    Files.write(sources.resolve("8.txt"), new byte[] {'a', (byte) 0xFF});
    String tokenizer = TestTokenizers.file("bpe.model").toString();
    assertEquals(ExitCode.BAD_DATA.code(), prepare("out", tokenizer, 2));
    assertFalse(Files.exists(folder.resolve("out").resolve(PreparedFolder.FILE)));
    assertEquals(List.of(), list(folder.resolve("out")));
  }

  @Test
  void shouldNoticeADamagedShard() throws IOException {
    assertEquals(0, prepare("out", "bytes", 1));
    Path shard = folder.resolve("out/00000.tokens");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length / 2] ^= 1;
    Files.write(shard, bytes);
    assertEquals(
        ExitCode.BAD_DATA.code(), MegalodonCommand.run("prepare", "--verify", shard.toString()));
  }

  @Test
  void shouldPutSeparatorsBetweenTheDocumentsOfJsonLines() throws IOException {
    Path lines =
        Files.writeString(
            folder.resolve("a.jsonl"),
            "{\"text\": \"one\"}\n{\"text\": \"\"}\n{\"text\": \"two\"}");
    assertEquals(
        0,
        MegalodonCommand.run(
            "prepare",
            "--format=jsonl",
            "--shard-tokens=1",
            "--output=" + folder.resolve("out"),
            lines.toString()));
    try (TokenStream shards =
        new DataFormat.Shards("bytes").open(List.of(folder.resolve("out")), OptionalInt.of(0))) {
      int[] all = new int[(int) shards.size()];
      shards.read(0, all, 0, all.length);
      assertArrayEquals(new int[] {'o', 'n', 'e', 0, 0, 't', 'w', 'o', 0}, all);
    }
  }

  private int prepare(String output, String tokenizer, int threads, String... more) {
    List<String> arguments = new ArrayList<>(List.of("prepare", "--tokenizer=" + tokenizer));
    arguments.add("--output=" + folder.resolve(output));
    arguments.add("--threads=" + threads);
    arguments.addAll(List.of(more));
    arguments.add(sources.toString());
    return MegalodonCommand.run(arguments.toArray(String[]::new));
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
