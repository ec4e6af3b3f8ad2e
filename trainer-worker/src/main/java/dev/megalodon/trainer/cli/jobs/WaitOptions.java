package dev.megalodon.trainer.cli.jobs;

import java.time.Duration;
import picocli.CommandLine.Option;

/** Whether and how long to wait. */
final class WaitOptions {
  @Option(names = "--wait", description = "Wait until it is done, and show what for.")
  private boolean wait;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description = "How long to wait (default ${DEFAULT-VALUE}).")
  private long timeoutSeconds;

  boolean isAskedFor() {
    return wait;
  }

  Duration timeout() {
    return Duration.ofSeconds(timeoutSeconds);
  }
}
