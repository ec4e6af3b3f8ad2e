package dev.megalodon.trainer.cli.logging;

import dev.megalodon.crds.contract.WorkerEnvironment;
import java.util.Map;

/** How lines of the log are written: {@code MEGALODON_LOG_FORMAT}, {@code text} or {@code json}. */
public enum LogFormat {
  /** For people. */
  TEXT,
  /** For programs: one JSON object a line, {@link JsonLines}. */
  JSON;

  /** What the environment asks for; text if it asks for nothing that there is. */
  public static LogFormat of(Map<String, String> environment) {
    String name = environment.getOrDefault(WorkerEnvironment.LOG_FORMAT, "");
    return name.equalsIgnoreCase(JSON.name()) ? JSON : TEXT;
  }
}
