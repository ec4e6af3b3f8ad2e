package dev.megalodon.trainer.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against what the Python packages say (resources/tokenizers/make_fixtures.py). */
class TokenizersTest {
  @TempDir Path folder;

  static Stream<JsonNode> fixtures() throws IOException {
    JsonNode all = new JsonMapper().readTree(TestTokenizers.file("expected.json").toFile());
    return StreamSupport.stream(all.spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void shouldEncodeAndDecodeAsPythonDoes(JsonNode fixture) {
    try (Tokenizer tokenizer = TestTokenizers.open(fixture.get("file").textValue())) {
      assertEquals(fixture.get("vocabulary").intValue(), tokenizer.vocabularySize());
      for (JsonNode text : fixture.get("texts")) {
        if (text.has("text")) {
          assertArrayEquals(
              ids(text), tokenizer.encode(text.get("text").textValue()), text.toString());
        }
        assertEquals(text.get("decoded").textValue(), tokenizer.decode(ids(text)), text.toString());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void shouldStreamTheTextThatIsDecodedAtOnce(JsonNode fixture) {
    try (Tokenizer tokenizer = TestTokenizers.open(fixture.get("file").textValue())) {
      for (JsonNode text : fixture.get("texts")) {
        if (!text.has("text")) {
          continue;
        }
        TextDecoder decoder = tokenizer.decoder();
        StringBuilder streamed = new StringBuilder();
        for (int id : ids(text)) {
          String part = decoder.accept(id);
          assertTrue(part.indexOf('\uFFFD') < 0, "half a character: " + part);
          streamed.append(part);
        }
        streamed.append(decoder.finish());
        assertEquals(text.get("decoded").textValue(), streamed.toString());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void shouldTakeIdsThatThereAreNot(JsonNode fixture) {
    try (Tokenizer tokenizer = TestTokenizers.open(fixture.get("file").textValue())) {
      for (int id : new int[] {tokenizer.vocabularySize(), 1 << 24, -1}) {
        TextDecoder decoder = tokenizer.decoder();
        decoder.accept(id);
        decoder.finish();
      }
    }
  }

  private static int[] ids(JsonNode text) {
    return StreamSupport.stream(text.get("ids").spliterator(), false)
        .mapToInt(JsonNode::intValue)
        .toArray();
  }

  @Test
  void shouldRefuseTextThatIsNotUtf8() {
    for (String name : new String[] {"bpe.model", "byte_level.json"}) {
      try (Tokenizer tokenizer = TestTokenizers.open(name)) {
        WorkerExit exit =
            assertThrows(WorkerExit.class, () -> tokenizer.encode(new byte[] {'a', (byte) 0xFF}));
        assertEquals(ExitCode.BAD_DATA, exit.code());
      }
    }
  }

  @Test
  void shouldNameTheFileThatIsNoTokenizer() throws IOException {
    Path file = Files.writeString(folder.resolve("x"), "no tokenizer");
    assertBad(new TokenizerSource.SentencePiece(file), ExitCode.BAD_DATA);
    assertBad(new TokenizerSource.HuggingFace(file), ExitCode.BAD_DATA);
    Path missing = folder.resolve("missing");
    assertBad(new TokenizerSource.SentencePiece(missing), ExitCode.MISSING_INPUT);
    assertBad(new TokenizerSource.HuggingFace(missing), ExitCode.MISSING_INPUT);
  }

  private void assertBad(TokenizerSource source, ExitCode code) {
    WorkerExit exit = assertThrows(WorkerExit.class, () -> Tokenizers.open(source));
    assertEquals(code, exit.code(), exit.sentence());
    assertTrue(exit.sentence().contains(folder.toString()), exit.sentence());
    assertEquals(1, exit.sentence().lines().count());
  }
}
