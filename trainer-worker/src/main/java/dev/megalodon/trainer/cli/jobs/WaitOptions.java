package dev.megalodon.trainer.cli.jobs;

import java.time.Duration;
import java.util.function.Predicate;
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

  /**
   * Waits for a job, if that is asked for.
   *
   * @param what the job will be, such as "suspended"
   */
  void until(JobWait patient, String name, String what, Predicate<Job> reached) {
    if (wait) {
      patient.until(name, what, Duration.ofSeconds(timeoutSeconds), reached);
    }
  }
}
