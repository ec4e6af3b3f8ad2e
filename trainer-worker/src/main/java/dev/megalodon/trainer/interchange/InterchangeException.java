package dev.megalodon.trainer.interchange;

import dev.megalodon.kernels.safetensors.OneLine;
import java.io.IOException;

/**
 * Files hold no model that can be taken over, or a model cannot be written as asked. The message is
 * one line that names the tensor or the number, and the way out.
 */
public final class InterchangeException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says what is wrong. */
  public InterchangeException(String problem) {
    super(OneLine.of(problem));
  }
}
