package dev.megalodon.trainer.cli.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class ChartTest {
  /** A straight line down from 9 to 1. */
  private static Course falling() {
    List<History.Point> points =
        IntStream.rangeClosed(0, 8)
            .mapToObj(i -> new History.Point(10L + i, 9 - i, 1, 1_000_000))
            .toList();
    return new Course(Metric.LOSS, points);
  }

  private static String text(Course course, Style style) {
    return String.join("\n", new TextChart(course, style, 3).lines()) + "\n";
  }

  @Test
  void shouldDrawWithAscii() {
    assertEquals(
        """
                   training loss, nats per token
            9.000 |***
                  |   *****
            1.000 |       ***
                   step 10 18
        """,
        text(falling(), new Style(false, 21)));
  }

  @Test
  void shouldDrawWithDots() {
    assertEquals(
        """
                   training loss, nats per token
            9.000 │⠉⠢⢄⡀
                  │   ⠉⠒⠦⣀
            1.000 │      ⠈⠑⠢⣀
                   step 10 18
        """,
        text(falling(), new Style(true, 21)));
  }

  @Test
  void shouldDrawOnePointAndAFlatLine() {
    Course flat =
        new Course(
            Metric.THROUGHPUT,
            List.of(new History.Point(1, 1, 1, 5), new History.Point(2, 1, 1, 5)));
    assertTrue(text(flat, new Style(false, 21)).contains("|**********"));
    Course one = new Course(Metric.LOSS, List.of(new History.Point(7, 2.5, 1, 1)));
    assertTrue(text(one, new Style(false, 21)).contains("|*\n"));
    assertTrue(new SvgChart(one, "one").svg().contains("points=\"80.0,210.0\""));
  }

  @Test
  void shouldWriteAPictureThatIsXml() throws Exception {
    String svg = new SvgChart(falling(), "quickstart").svg();
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    String points =
        document
            .getElementsByTagName("polyline")
            .item(0)
            .getAttributes()
            .getNamedItem("points")
            .getNodeValue();
    assertTrue(points.startsWith("80.0,50.0 "), points);
    assertTrue(points.endsWith(" 830.0,370.0"), points);
    assertTrue(svg.contains("quickstart: training loss, nats per token"), svg);
  }

  @Test
  void shouldSumManyNumbersUpInFewMarks() {
    List<Double> rising = IntStream.range(0, 800).mapToObj(i -> (double) i).toList();
    assertEquals("▁▂▃▄▅▆▇█", Sparkline.of(rising, 8, new Style(true, 80).levels()));
    assertEquals("__", Sparkline.of(List.of(3.0, 3.0), 8, new Style(false, 80).levels()));
    assertEquals("", Sparkline.of(List.of(), 8, new Style(false, 80).levels()));
  }
}
