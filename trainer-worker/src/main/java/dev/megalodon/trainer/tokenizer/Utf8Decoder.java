package dev.megalodon.trainer.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Decodes UTF-8 byte by byte. */
final class Utf8Decoder implements TextDecoder {
  // The longest character, and one byte more.
  private static final int PENDING = 5;

  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private final ByteBuffer pending = ByteBuffer.allocate(PENDING);
  private final CharBuffer characters = CharBuffer.allocate(2 * PENDING);

  @Override
  public String accept(int token) {
    if (token < 0 || token > 0xFF) {
      return finish() + utf8.replacement();
    }
    pending.put((byte) token).flip();
    utf8.decode(pending, characters, false);
    pending.compact();
    return taken();
  }

  @Override
  public String finish() {
    pending.flip();
    utf8.decode(pending, characters, true);
    utf8.flush(characters);
    utf8.reset();
    pending.clear();
    return taken();
  }

  private String taken() {
    String text = characters.flip().toString();
    characters.clear();
    return text;
  }
}
