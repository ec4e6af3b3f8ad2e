package dev.megalodon.trainer.checkpoint;

import java.io.IOException;

/** A file of a checkpoint is not what its manifest says. */
public final class DamagedCheckpointException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Names the file and what is wrong with it. */
  public DamagedCheckpointException(String message) {
    super(message);
  }
}
