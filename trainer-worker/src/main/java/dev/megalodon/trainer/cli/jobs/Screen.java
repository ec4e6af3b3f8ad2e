package dev.megalodon.trainer.cli.jobs;

import java.io.PrintWriter;
import java.util.List;

/** Shows lines in the place of those that it showed before. */
final class Screen {
  private static final String UP = "\u001b[%dA";
  private static final String CLEAR_BELOW = "\r\u001b[J";

  private final PrintWriter output;
  private final int rows;
  private int shown;

  /**
   * Nothing is shown yet.
   *
   * @param rows of the terminal; what does not fit is left out
   */
  Screen(PrintWriter output, int rows) {
    this.output = output;
    this.rows = rows;
  }

  void show(List<String> lines) {
    if (shown > 0) {
      output.print(UP.formatted(shown) + CLEAR_BELOW);
    }
    List<String> fitting = lines.subList(0, Math.min(lines.size(), rows - 1));
    fitting.forEach(output::println);
    output.flush();
    shown = fitting.size();
  }
}
