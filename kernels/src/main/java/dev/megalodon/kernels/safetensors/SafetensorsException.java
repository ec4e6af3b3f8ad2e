package dev.megalodon.kernels.safetensors;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file is not what the safetensors format demands, or lacks what was asked of it. The message is
 * one line, whatever the file holds.
 */
public final class SafetensorsException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says which file, and what is wrong with it. */
  public SafetensorsException(Path file, String problem) {
    super(file + ": " + OneLine.of(problem));
  }

  /** Says which file and tensor, and what is wrong with it. */
  public SafetensorsException(Path file, String tensor, String problem) {
    super("%s: tensor '%s' %s".formatted(file, OneLine.of(tensor), OneLine.of(problem)));
  }
}
