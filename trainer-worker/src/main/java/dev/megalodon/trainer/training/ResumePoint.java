package dev.megalodon.trainer.training;

import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What all ranks of an epoch go on from.
 *
 * @param checkpoint empty: from the beginning
 */
public record ResumePoint(Optional<Reference> checkpoint) {
  /** The beginning: step 0, parameters from the seed. */
  public static final ResumePoint BEGINNING = new ResumePoint(Optional.empty());

  /**
   * A checkpoint.
   *
   * @param digest of its manifest, {@code sha256:…}
   * @param folder relative to the checkpoint volume's root
   */
  public record Reference(String digest, String folder) {}

  /** Going on from a checkpoint. */
  static ResumePoint at(StoredCheckpoint checkpoint, Path volume) {
    String folder = volume.relativize(checkpoint.folder()).toString();
    return new ResumePoint(Optional.of(new Reference(checkpoint.digest(), folder)));
  }

  /** This decision as text, for the other ranks. */
  public String encoded() {
    return checkpoint.map(reference -> reference.digest() + " " + reference.folder()).orElse("");
  }

  /** The decision that {@link #encoded} wrote. */
  public static ResumePoint decode(String text) {
    if (text.isEmpty()) {
      return BEGINNING;
    }
    int space = text.indexOf(' ');
    return new ResumePoint(
        Optional.of(new Reference(text.substring(0, space), text.substring(space + 1))));
  }
}
