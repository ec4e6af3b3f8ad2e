package dev.megalodon.trainer.cli.logging;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * One JSON object a line, with the names that the operator's lines have, and in each of them what
 * the process is about.
 */
final class JsonLines extends Formatter {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Supplier<Map<String, Object>> context;

  /**
   * A formatter.
   *
   * @param context looked up for every line; any thread may ask
   */
  JsonLines(Supplier<Map<String, Object>> context) {
    this.context = context;
  }

  @Override
  public String format(LogRecord event) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("timestamp", event.getInstant().truncatedTo(ChronoUnit.MILLIS).toString());
    line.put("level", event.getLevel().getName());
    line.put("loggerName", event.getLoggerName());
    line.put("threadName", Thread.currentThread().getName());
    line.putAll(context.get());
    line.put("message", formatMessage(event));
    Throwable thrown = event.getThrown();
    if (thrown != null) {
      line.put("exception", trace(thrown));
    }
    return write(line);
  }

  private static String write(Map<String, Object> line) {
    try {
      return JSON.writeValueAsString(line) + System.lineSeparator();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a line of the log is texts and numbers", e);
    }
  }

  private static String trace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
