package dev.megalodon.trainer.rendezvous;

import dev.megalodon.crds.contract.ExitCode;

/** This process will never be in another epoch; the message says why. */
public final class RendezvousException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  /** Says why, and what the process should end with. */
  public RendezvousException(ExitCode exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** What the process should end with. */
  public ExitCode exitCode() {
    return exitCode;
  }
}
