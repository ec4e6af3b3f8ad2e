package dev.megalodon.trainer.progress;

import dev.megalodon.crds.contract.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The worker's last words, which Kubernetes copies into the container's status. */
public final class TerminationMessage {
  /** Bytes that Kubernetes reads. */
  public static final int LONGEST = 4096;

  private final Path file;

  /** Writes to this file; on a machine without it nothing is written. */
  public TerminationMessage(Path file) {
    this.file = file;
  }

  /**
   * Says that the worker ends in good order, and how far it got: nobody can ask it any more.
   *
   * @param sentence a line for people, or empty
   * @return whether it could be written
   */
  public boolean write(String sentence, Progress progress) {
    int left = LONGEST - sentence.getBytes(StandardCharsets.UTF_8).length;
    return write(sentence + ProgressJson.writeWithin(left, progress));
  }

  /**
   * Says why the worker ends.
   *
   * @return whether it could be written
   */
  public boolean write(String sentence) {
    byte[] bytes = sentence.getBytes(StandardCharsets.UTF_8);
    try {
      String shortened =
          new String(bytes, 0, Math.min(bytes.length, LONGEST), StandardCharsets.UTF_8);
      Files.writeString(file, shortened);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
