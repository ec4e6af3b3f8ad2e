package dev.megalodon.trainer.cli.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A line through points, as an SVG picture.
 *
 * @param title above it; a job's name, which has nothing that XML would take for its own
 */
record SvgChart(Course course, String title) {
  private static final int WIDTH = 860;
  private static final int HEIGHT = 420;
  private static final int LEFT = 80;
  private static final int RIGHT = 30;
  private static final int TOP = 50;
  private static final int BOTTOM = 50;
  private static final int TICKS = 5;

  /** The picture. */
  String svg() {
    List<String> parts = new ArrayList<>();
    parts.add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                .formatted(WIDTH, HEIGHT)
            + " font-family=\"sans-serif\" font-size=\"13\">");
    parts.add("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
    parts.add(text(LEFT, 28, "start", title + ": " + course.metric().title()));
    for (int tick = 0; tick <= TICKS; tick++) {
      addTicks(parts, (double) tick / TICKS);
    }
    parts.add(text(LEFT + plotWidth() / 2, HEIGHT - 12, "middle", "step"));
    String line =
        course.points().stream()
            .map(point -> format("%.1f,%.1f", x(course.x(point)), y(course.y(point))))
            .collect(Collectors.joining(" "));
    parts.add(
        "<polyline fill=\"none\" stroke=\"#1f6feb\" stroke-width=\"1.5\" points=\"%s\"/>"
            .formatted(line));
    parts.add("</svg>");
    return String.join("\n", parts) + "\n";
  }

  /** One mark on each axis, at a share of its range. */
  private void addTicks(List<String> parts, double share) {
    double value = course.lowest() + share * (course.highest() - course.lowest());
    long step = course.firstStep() + Math.round(share * (course.lastStep() - course.firstStep()));
    parts.add(
        format(
            "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>",
            LEFT, LEFT + plotWidth(), y(share), y(share)));
    parts.add(text(LEFT - 8, y(share) + 4, "end", Course.label(value)));
    parts.add(text(x(share), HEIGHT - BOTTOM + 20.0, "middle", Long.toString(step)));
  }

  private static double x(double share) {
    return LEFT + share * plotWidth();
  }

  private static double y(double share) {
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
  }

  private static int plotWidth() {
    return WIDTH - LEFT - RIGHT;
  }

  private static String text(double x, double y, String anchor, String text) {
    return format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, text);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
