package dev.megalodon.trainer.checkpoint;

import java.nio.file.Path;

/**
 * Hears of every change that was made to a volume, between two system calls: where a test may end
 * the process, to see what is left.
 */
@FunctionalInterface
public interface WriteSteps {
  /** Nobody listens. */
  WriteSteps NONE = (step, path) -> {};

  /** What was done to a path. */
  enum Step {
    /** A folder was made. */
    FOLDER_MADE,
    /** A file was made, or emptied. */
    OPENED,
    /** Some bytes were handed to the system. */
    CHUNK_WRITTEN,
    /** The file's bytes are on the disk. */
    FORCED,
    /** The file was closed. */
    CLOSED,
    /** The file has its own name now; {@code path} is the new one. */
    RENAMED,
    /** The folder's list of names is on the disk. */
    FOLDER_FORCED,
    /** A file or an empty folder was deleted. */
    DELETED
  }

  /** Called right after a step. */
  void done(Step step, Path path);
}
