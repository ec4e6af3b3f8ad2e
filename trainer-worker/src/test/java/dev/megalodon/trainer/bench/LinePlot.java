package dev.megalodon.trainer.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines over a few places on the horizontal axis, as an SVG picture. */
record LinePlot(String title, List<String> places, List<Line> lines) {
  private static final int WIDTH = 860;
  private static final int HEIGHT = 480;
  private static final int LEFT = 70;
  private static final int RIGHT = 240;
  private static final int TOP = 50;
  private static final int BOTTOM = 60;
  private static final int TICKS = 5;

  /** One line: a value for every place. */
  record Line(String name, String color, boolean dashed, List<Double> values) {}

  /** The picture; {@code unit} and {@code axis} label the axes. */
  String svg(String unit, String axis) {
    double top = niceTop();
    List<String> parts = new ArrayList<>();
    parts.add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                .formatted(WIDTH, HEIGHT)
            + " font-family=\"sans-serif\" font-size=\"13\">");
    parts.add("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
    parts.add(text(LEFT, 28, "start", title));
    parts.add(text(LEFT, TOP - 6, "end", unit));
    parts.add(text(LEFT + plotWidth() / 2, HEIGHT - 18, "middle", axis));
    for (int tick = 0; tick <= TICKS; tick++) {
      addTick(parts, top * tick / TICKS, top);
    }
    for (int place = 0; place < places.size(); place++) {
      parts.add(text(x(place), HEIGHT - BOTTOM + 20, "middle", places.get(place)));
    }
    for (int line = 0; line < lines.size(); line++) {
      addLine(parts, line, top);
    }
    parts.add("</svg>");
    return String.join("\n", parts) + "\n";
  }

  private void addTick(List<String> parts, double value, double top) {
    double y = y(value, top);
    parts.add(
        format(
            "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>",
            LEFT, LEFT + plotWidth(), y, y));
    parts.add(text(LEFT - 8, y + 4, "end", format("%.0f", value)));
  }

  private void addLine(List<String> parts, int index, double top) {
    Line line = lines.get(index);
    String style =
        "stroke=\"%s\" stroke-width=\"2\" fill=\"none\"%s"
            .formatted(line.color(), line.dashed() ? " stroke-dasharray=\"6 4\"" : "");
    StringBuilder points = new StringBuilder();
    for (int place = 0; place < places.size(); place++) {
      points.append(format("%.1f,%.1f ", x(place), y(line.values().get(place), top)));
    }
    parts.add("<polyline points=\"%s\" %s/>".formatted(points.toString().strip(), style));
    double y = TOP + 22.0 * index;
    int x = LEFT + plotWidth() + 20;
    parts.add(
        format("<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" %s/>", x, x + 30, y, y, style));
    parts.add(text(x + 38, y + 4, "start", line.name()));
  }

  private double niceTop() {
    double largest =
        lines.stream().flatMap(line -> line.values().stream()).mapToDouble(v -> v).max().orElse(1);
    double unit = Math.pow(10, Math.floor(Math.log10(largest)));
    return Math.ceil(largest / unit * 2) / 2 * unit;
  }

  private double x(int place) {
    return LEFT + plotWidth() * (place + 0.5) / places.size();
  }

  private static double y(double value, double top) {
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  }

  private static int plotWidth() {
    return WIDTH - LEFT - RIGHT;
  }

  private static String text(double x, double y, String anchor, String text) {
    String escaped = text.replace("&", "&amp;").replace("<", "&lt;");
    return format(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, escaped);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
