package dev.megalodon.trainer.cli.jobs;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known of the place that the output goes to.
 *
 * @param interactive whether it is a terminal, where lines can be drawn again
 * @param unicode whether its locale has more than ASCII
 */
record Terminal(boolean interactive, boolean unicode, int columns, int rows) {
  private static final int USUAL_COLUMNS = 100;
  private static final int USUAL_ROWS = 40;
  private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{1,3}) ([1-9][0-9]{1,3})\\s*");

  /** Of this process. */
  static Terminal own() {
    Console console = System.console();
    boolean interactive = console != null && console.isTerminal();
    Optional<Matcher> size = interactive ? size() : Optional.empty();
    return new Terminal(
        interactive,
        isUnicode(System.getProperty("native.encoding", "US-ASCII")),
        size.map(found -> Integer.parseInt(found.group(2))).orElse(USUAL_COLUMNS),
        size.map(found -> Integer.parseInt(found.group(1))).orElse(USUAL_ROWS));
  }

  /** How to draw on it. */
  Style style(boolean ascii) {
    return new Style(unicode && !ascii, columns);
  }

  private static boolean isUnicode(String encoding) {
    return Charset.isSupported(encoding)
        && Charset.forName(encoding).equals(StandardCharsets.UTF_8);
  }

  /** Rows and columns, which only stty tells without native code. */
  private static Optional<Matcher> size() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size").redirectInput(ProcessBuilder.Redirect.INHERIT).start();
      String answer = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return Optional.of(SIZE.matcher(answer)).filter(Matcher::matches);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
