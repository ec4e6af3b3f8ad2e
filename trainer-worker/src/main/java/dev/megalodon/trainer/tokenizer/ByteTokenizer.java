package dev.megalodon.trainer.tokenizer;

/** One token for each byte, ids 0 to 255. */
public record ByteTokenizer() implements Tokenizer {
  /** What {@link #identity} says. */
  public static final String IDENTITY = "bytes";

  private static final int VOCABULARY = 256;

  @Override
  public int vocabularySize() {
    return VOCABULARY;
  }

  @Override
  public String identity() {
    return IDENTITY;
  }

  @Override
  public int[] encode(byte[] bytes) {
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = bytes[i] & 0xFF;
    }
    return ids;
  }

  @Override
  public TextDecoder decoder() {
    return new Utf8Decoder();
  }

  @Override
  public void close() {}
}
