package dev.megalodon.trainer.data.prepare;

/**
 * Cuts long documents, so that memory stays bounded: a piece has at most {@value #LONGEST} bytes
 * and ends after the last line feed in it, or else before its last space, or else between
 * characters. Where it is cut depends on the text alone. A tokenizer that puts a space before a
 * text puts one before each piece.
 */
final class PieceCutter {
  /** Bytes of the longest piece. */
  static final int LONGEST = 1 << 20;

  private PieceCutter() {}

  /**
   * How many of the first {@value #LONGEST} bytes are the next piece.
   *
   * @param text at least that many bytes
   * @param from where the piece begins
   */
  static int length(byte[] text, int from) {
    int lineFeed = last(text, from, (byte) '\n');
    if (lineFeed >= 0) {
      return lineFeed + 1;
    }
    int space = last(text, from, (byte) ' ');
    return space > 0 ? space : wholeCharacters(text, from);
  }

  /** The last place of a byte, counted from {@code from}, −1 if there is none. */
  private static int last(byte[] text, int from, byte wanted) {
    int at = LONGEST - 1;
    while (at >= 0 && text[from + at] != wanted) {
      at--;
    }
    return at;
  }

  private static int wholeCharacters(byte[] text, int from) {
    int length = LONGEST;
    while (length > LONGEST - 4 && isContinuation(text[from + length - 1])) {
      length--;
    }
    return isStart(text[from + length - 1]) ? length - 1 : LONGEST;
  }

  private static boolean isContinuation(byte value) {
    return (value & 0xC0) == 0x80;
  }

  private static boolean isStart(byte value) {
    return (value & 0xC0) == 0xC0;
  }
}
