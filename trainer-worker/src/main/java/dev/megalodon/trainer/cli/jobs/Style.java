package dev.megalodon.trainer.cli.jobs;

/**
 * How pictures made of letters are drawn.
 *
 * @param unicode whether blocks and dots can be shown; otherwise ASCII
 * @param width columns that there are
 */
record Style(boolean unicode, int width) {
  private static final String BLOCKS = "▁▂▃▄▅▆▇█";
  private static final String LETTERS = "_.,-=+*#";

  /** Marks of rising height. */
  String levels() {
    return unicode ? BLOCKS : LETTERS;
  }

  /** A bar of so many columns, of which a share from 0 to 1 is done. */
  String bar(double share, int columns) {
    int done = (int) Math.floor(Math.clamp(share, 0, 1) * columns);
    String full = unicode ? "█" : "#";
    String empty = unicode ? "░" : "-";
    return full.repeat(done) + empty.repeat(columns - done);
  }

  /** Between parts of a line. */
  String dot() {
    return unicode ? " · " : " - ";
  }

  /** A line that fits. */
  String fit(String line) {
    if (line.length() <= width) {
      return line;
    }
    String end = unicode ? "…" : "...";
    return line.substring(0, Math.max(0, width - end.length())) + end;
  }
}
