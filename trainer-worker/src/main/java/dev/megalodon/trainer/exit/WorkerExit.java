package dev.megalodon.trainer.exit;

import dev.megalodon.crds.contract.ExitCode;

/**
 * Ends the worker with a known exit code. The message is one sentence that names the thing that is
 * wrong and the way out; it becomes the termination message of the pod.
 */
public final class WorkerExit extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode code;
  private final String sentence;

  /** An exit whose whole reason is in the message. */
  public WorkerExit(ExitCode code, String message) {
    super(message);
    this.code = code;
    this.sentence = message;
  }

  /** An exit that another error caused. */
  public WorkerExit(ExitCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.sentence = message;
  }

  /** Why, in one sentence. */
  public String sentence() {
    return sentence;
  }

  /** What the process ends with. */
  public ExitCode code() {
    return code;
  }
}
