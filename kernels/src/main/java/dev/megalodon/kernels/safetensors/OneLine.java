package dev.megalodon.kernels.safetensors;

/** Text that came out of a file, made fit for an error message of one line. */
public final class OneLine {
  private static final int LONGEST = 600;

  private OneLine() {}

  /** The text with every control character and line break as '?', cut where it gets too long. */
  public static String of(String text) {
    int length = Math.min(text.length(), LONGEST);
    StringBuilder line = new StringBuilder(length);
    text.codePoints().limit(length).map(OneLine::printable).forEach(line::appendCodePoint);
    return text.length() > LONGEST ? line.append(" …").toString() : line.toString();
  }

  private static int printable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          '?';
      default -> codePoint;
    };
  }
}
