package dev.megalodon.trainer.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteTokenizerTest {
  private static final String TEXT = "naïve 水 \uD83D\uDE80 end";
  private final Tokenizer tokenizer = new ByteTokenizer();

  @Test
  void shouldMakeOneTokenOfEachByte() {
    assertArrayEquals(
        new int[] {0x41, 0xC3, 0xA9, 0xFF}, tokenizer.encode(bytes(0x41, 0xC3, 0xA9, 0xFF)));
    assertEquals(TEXT, tokenizer.decode(tokenizer.encode(TEXT)));
  }

  @Test
  void shouldHoldBackACharacterUntilItIsWhole() {
    TextDecoder decoder = tokenizer.decoder();
    assertEquals("", decoder.accept(0xF0));
    assertEquals("", decoder.accept(0x9F));
    assertEquals("", decoder.accept(0x9A));
    assertEquals("\uD83D\uDE80", decoder.accept(0x80));
    assertEquals("", decoder.finish());
  }

  @Test
  void shouldReplaceWhatIsNoText() {
    assertEquals("a\uFFFDb", tokenizer.decode(new int[] {'a', 0xFF, 'b'}));
    assertEquals("a\uFFFD", tokenizer.decode(new int[] {'a', 0xE6, 0xB0}));
    assertEquals("\uFFFD\uFFFDb", tokenizer.decode(new int[] {0xE6, 300, 'b'}));
  }

  @Test
  void shouldDecodeAnyBytesAsTheWholeTextIsDecoded() {
    Random random = new Random(11);
    for (int round = 0; round < 2_000; round++) {
      byte[] bytes = new byte[random.nextInt(12)];
      random.nextBytes(bytes);
      String whole = new String(bytes, StandardCharsets.UTF_8);
      assertEquals(whole, tokenizer.decode(tokenizer.encode(bytes)), "round " + round);
    }
  }

  @Test
  void shouldRefuseAModelWithFewerTokens() {
    tokenizer.requireFits(256);
    WorkerExit exit = assertThrows(WorkerExit.class, () -> tokenizer.requireFits(255));
    assertEquals(ExitCode.BAD_SPEC, exit.code());
    assertTrue(exit.sentence().contains("256 tokens and the model's vocabSize is 255"));
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
