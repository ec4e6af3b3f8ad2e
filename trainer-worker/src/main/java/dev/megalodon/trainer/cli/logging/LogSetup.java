package dev.megalodon.trainer.cli.logging;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** Sets up the JDK's logging, to be called before anything else logs. */
public final class LogSetup {
  private LogSetup() {}

  /** One line for each event, and logging that works until the process is gone. */
  public static void install(LogFormat format) {
    System.setProperty(
        "java.util.logging.SimpleFormatter.format", "%1$tFT%1$tT.%1$tL%1$tz %4$s %5$s%6$s%n");
    System.setProperty("java.util.logging.manager", Manager.class.getName());
    if (format == LogFormat.JSON) {
      handlers().forEach(handler -> handler.setFormatter(new JsonLines(Map::of)));
    }
    Tokenizers.LOGGER.setLevel(Level.WARNING); // it tells which native library it found
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, error) ->
            Logger.getLogger(thread.getName()).log(Level.SEVERE, "thread ended", error));
  }

  /**
   * Says in every JSON line what the process is about; lines for people stay as they are.
   *
   * @param context looked up for every line; any thread may ask
   */
  public static void about(Supplier<Map<String, Object>> context) {
    handlers()
        .filter(handler -> handler.getFormatter() instanceof JsonLines)
        .forEach(handler -> handler.setFormatter(new JsonLines(context)));
  }

  private static Stream<Handler> handlers() {
    return Arrays.stream(Logger.getLogger("").getHandlers());
  }

  /** Held here, since the JDK forgets the level of a logger that nobody holds. */
  private static final class Tokenizers {
    private static final Logger LOGGER = Logger.getLogger("ai.djl");
  }

  /**
   * The JDK's manager closes all handlers as soon as the JVM is told to end; what is logged while
   * the last checkpoint is written would be lost.
   */
  public static final class Manager extends LogManager {
    /** Called by the JDK. */
    public Manager() {}

    @Override
    public void reset() {}
  }
}
