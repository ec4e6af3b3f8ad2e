package dev.megalodon.trainer.cli.jobs;

import java.util.ArrayList;
import java.util.List;

/**
 * A line through points, in letters: braille, whose every letter is 2 by 4 dots, or ASCII.
 *
 * @param rows of letters
 */
record TextChart(Course course, Style style, int rows) {
  private static final int LABEL = 9;

  /** Braille's first letter, which has no dot. */
  private static final char BRAILLE = '\u2800';

  /** The bit of each dot of a braille letter: four rows of two. */
  private static final int[][] DOTS = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

  /** The picture, with its title, ranges and steps. */
  List<String> lines() {
    boolean[][] dots = new boolean[rows * dotRows()][columns() * dotColumns()];
    draw(dots);
    List<String> lines = new ArrayList<>();
    lines.add(" ".repeat(LABEL + 2) + course.metric().title());
    for (int row = 0; row < rows; row++) {
      String label = label(row);
      lines.add(
          " ".repeat(Math.max(0, LABEL - label.length())) + label + edge() + letters(dots, row));
    }
    lines.add(steps());
    return lines;
  }

  private String edge() {
    return style.unicode() ? " │" : " |";
  }

  private int columns() {
    return Math.max(10, style.width() - LABEL - 2);
  }

  private int dotRows() {
    return style.unicode() ? DOTS.length : 1;
  }

  private int dotColumns() {
    return style.unicode() ? DOTS[0].length : 1;
  }

  private String label(int row) {
    if (row == 0) {
      return Course.label(course.highest());
    }
    return row == rows - 1 ? Course.label(course.lowest()) : "";
  }

  private String steps() {
    String first = "step " + course.firstStep();
    String last = Long.toString(course.lastStep());
    int gap = Math.max(1, columns() - first.length() - last.length());
    return " ".repeat(LABEL + 2) + first + " ".repeat(gap) + last;
  }

  private void draw(boolean[][] dots) {
    List<History.Point> points = course.points();
    for (int i = 0; i < points.size(); i++) {
      drawLine(dots, points.get(Math.max(0, i - 1)), points.get(i));
    }
  }

  /** As many dots as the longer of both distances has. */
  private void drawLine(boolean[][] dots, History.Point from, History.Point to) {
    double width = dots[0].length - 1.0;
    double height = dots.length - 1.0;
    double dx = (course.x(to) - course.x(from)) * width;
    double dy = (course.y(to) - course.y(from)) * height;
    int count = (int) Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)));
    for (int i = 0; i <= count; i++) {
      double share = count == 0 ? 0 : (double) i / count;
      int column = (int) Math.round(course.x(from) * width + share * dx);
      int fromBottom = (int) Math.round(course.y(from) * height + share * dy);
      dots[dots.length - 1 - fromBottom][column] = true;
    }
  }

  private String letters(boolean[][] dots, int row) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < columns(); column++) {
      line.append(letter(dots, row, column));
    }
    return line.toString().stripTrailing();
  }

  private char letter(boolean[][] dots, int row, int column) {
    if (style.unicode()) {
      return braille(dots, row, column);
    }
    return dots[row][column] ? '*' : ' ';
  }

  private static char braille(boolean[][] dots, int row, int column) {
    int bits = 0;
    for (int y = 0; y < DOTS.length; y++) {
      for (int x = 0; x < DOTS[y].length; x++) {
        boolean set = dots[row * DOTS.length + y][column * DOTS[y].length + x];
        bits |= set ? DOTS[y][x] : 0;
      }
    }
    return bits == 0 ? ' ' : (char) (BRAILLE + bits);
  }
}
