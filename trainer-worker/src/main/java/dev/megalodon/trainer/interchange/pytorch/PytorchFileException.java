package dev.megalodon.trainer.interchange.pytorch;

import dev.megalodon.kernels.safetensors.OneLine;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A file is not a state dict as {@code torch.save} writes it, or holds what is not read here. The
 * message is one line, whatever the file holds.
 */
public final class PytorchFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says which file, and what is wrong with it. */
  public PytorchFileException(Path file, String problem) {
    super(file + ": " + OneLine.of(problem));
  }
}
