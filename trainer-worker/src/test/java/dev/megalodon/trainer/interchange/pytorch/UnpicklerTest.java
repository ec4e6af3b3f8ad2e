package dev.megalodon.trainer.interchange.pytorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hostile pickles, instruction by instruction. In the texts, ~hh is the byte hh. */
class UnpicklerTest {
  private static final String STORAGE =
      "(X~07~00~00~00storagectorch\nFloatStorage\nX~01~00~00~000X~03~00~00~00cpuK~18tQ";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "~80~05. | pickle protocol 5 (torch.save writes 2 by default) at byte 0",
        "~80~02]. | opcode 0x5d ']' at byte 2",
        "~ff. | opcode 0xff at byte 0",
        "q~00. | without a value to work on at byte 0",
        "(q~00. | without a value to work on at byte 1",
        "t. | without its mark at byte 0",
        "h~07. | memo 7",
        "NN. | an end with 2 values",
        "(N. | an end with 1 values",
        "N.N | STOP before the end at byte 1",
        "Ns. | without a value",
        "NNNs. | items for a constant at byte 3",
        "}NNs. | a constant as a key at byte 3",
        "}(NNNu. | items for a dictionary at byte 5",
        "}X~01~00~00~00aNX~01~00~00~00aNu. | without its mark",
        "}(X~01~00~00~00aNX~01~00~00~00aNu. | a second item 'a'",
        "NNR. | a call of a constant at byte 2",
        "NQ. | a persistent id that is no storage at byte 1",
        "NNb. | BUILD of a constant",
        "~8a~09~00~00~00~00~00~00~00~00~00. | an integer of 9 bytes",
        "X~ff~ff~ff~ffa. | a string of 4294967295 bytes",
        "X~01~00~00~00~ff. | text that is not UTF-8",
        "X~05~00~00~00a. | beyond its end",
        "N | beyond its end",
      })
  void shouldRefuseInOneLineWithTheByte(String pickle, String trouble) {
    assertRefused(bytes(pickle), trouble);
  }

  @Test
  void shouldRefuseNamesThatAreNotOnTheList() {
    for (String name :
        List.of("os\nsystem\n", "torch\nload\n", "torch._utils\n_rebuild_qtensor\n")) {
      assertRefused(bytes("c" + name + "."), "the name " + name.strip().replace('\n', '.'));
    }
    assertRefused(bytes("c" + "a".repeat(300) + "\nb\n."), "a name of more than 256 bytes");
  }

  @Test
  void shouldBoundStackMarksMemoDepthAndSize() {
    assertRefused(bytes("N".repeat(10_001) + "."), "a stack of more than 10000 values");
    assertRefused(bytes("(".repeat(65) + "."), "more than 64 marks");
    assertRefused(bytes("N" + "~85".repeat(33) + "."), "more than 32 tuples inside each other");
    assertRefused(bytes("X~01~10~00~00" + "a".repeat(4_097) + "."), "a string of 4097 bytes");
    assertRefused(new byte[(8 << 20) + 1], "bytes are more than");
    assertRefused(manyMemos(), "a memo of more than 200000 values");
    assertRefused(manyItems(), "a total of more than 50000 items");
  }

  private static byte[] manyMemos() {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.write('N');
    for (int i = 0; i <= 200_000; i++) {
      pickle.writeBytes(new byte[] {'r', (byte) i, (byte) (i >> 8), (byte) (i >> 16), 0});
    }
    return pickle.toByteArray();
  }

  private static byte[] manyItems() {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.write('}');
    for (int i = 0; i <= 50_000; i++) {
      byte[] key = "%06d".formatted(i).getBytes(StandardCharsets.US_ASCII);
      pickle.writeBytes(new byte[] {'X', 6, 0, 0, 0});
      pickle.writeBytes(key);
      pickle.writeBytes(new byte[] {'N', 's'});
    }
    return pickle.toByteArray();
  }

  @Test
  void shouldReadNegativeAndLargeNumbers() throws PytorchFileException {
    assertEquals(new Pickled.Whole(-2), Unpickler.read(pickle(bytes("J~fe~ff~ff~ff."))));
    assertEquals(new Pickled.Whole(-1), Unpickler.read(pickle(bytes("~8a~01~ff."))));
    assertEquals(new Pickled.Whole(0), Unpickler.read(pickle(bytes("~8a~00."))));
    assertEquals(
        new Pickled.Whole(1L << 40), Unpickler.read(pickle(bytes("~8a~06~00~00~00~00~00~01."))));
    assertEquals(new Pickled.Whole(65_535), Unpickler.read(pickle(bytes("M~ff~ff."))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "K~00 | (K~04K~06t | (K~06K~01t | ok",
        "K~00 | K~18~85 | K~01~85 | ok",
        "K~17 | ) | ) | ok",
        "K~18 | K~00~85 | K~01~85 | ok",
        "K~18 | ) | ) | ends at element 25 of a storage of 24",
        "K~01 | K~18~85 | K~01~85 | ends at element 25 of a storage of 24",
        "J~ff~ff~ff~ff | K~01~85 | K~01~85 | negative offset",
        "K~00 | J~ff~ff~ff~ff~85 | K~01~85 | negative offset",
        "K~00 | K~02~85 | J~ff~ff~ff~ff~85 | negative offset",
        "K~00 | (K~04K~06t | K~01~85 | has 2 dimensions and 1 strides",
        "K~00 | ~8a~08~ff~ff~ff~ff~ff~ff~ff~7f~85 | K~03~85 | reaches beyond 2^63",
        "~8a~08~ff~ff~ff~ff~ff~ff~ff~7f | K~02~85 | K~01~85 | reaches beyond 2^63",
        "K~00 | (J~00~00~00~40J~00~00~00~40J~00~00~00~40t | (K~00K~00K~00t | beyond 2^63",
        "K~00 | J~00~00~00~40~85 | K~00~85 | repeats 24 elements as 1073741824",
        "K~00 | N | K~01~85 | a constant as a shape",
        "K~00 | N~85 | K~01~85 | a constant in a shape",
        "N | K~01~85 | K~01~85 | a tensor of other arguments",
      })
  void shouldCheckThatATensorLiesInItsStorage(
      String offset, String shape, String strides, String expected) throws PytorchFileException {
    String tensor =
        "ctorch._utils\n_rebuild_tensor_v2\n("
            + STORAGE
            + offset
            + shape
            + strides
            + "~89ccollections\nOrderedDict\n)RtR.";
    if (expected.equals("ok")) {
      assertInstanceOf(Pickled.TensorView.class, Unpickler.read(pickle(bytes(tensor))));
    } else {
      assertRefused(bytes(tensor), expected);
    }
  }

  private static void assertRefused(byte[] pickle, String trouble) {
    var error = assertThrows(PytorchFileException.class, () -> Unpickler.read(pickle(pickle)));
    assertTrue(error.toString().contains(trouble), error.toString());
    assertEquals(1, error.toString().lines().count(), error.toString());
  }

  private static Bytes pickle(byte[] bytes) {
    return new Bytes(Path.of("x.pth"), "data.pkl", MemorySegment.ofArray(bytes));
  }

  private static byte[] bytes(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      boolean escaped = text.charAt(i) == '~';
      bytes.write(escaped ? Integer.parseInt(text, i + 1, i + 3, 16) : text.charAt(i));
      i += escaped ? 2 : 0;
    }
    return bytes.toByteArray();
  }
}
