package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.time.Duration;

/** Time between two looks at a job. */
final class Pause {
  private Pause() {}

  /**
   * Passes it.
   *
   * @throws WorkerExit when somebody interrupts this thread
   */
  static void of(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerExit(ExitCode.UNEXPECTED, "interrupted while it waited", e);
    }
  }
}
