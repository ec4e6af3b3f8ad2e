package dev.megalodon.trainer.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * A checkpoint that no run of this program wrote: parameters only, at step 0. A job starts from it
 * with moments of zero and its own schedule from the first step.
 *
 * @param folder where {@link Manifest#PARAMETERS} lies already
 * @param model the model's configuration, for readers other than this program
 */
public record StartingPoint(Path folder, Object model) {
  private static final String NO_RUN = "imported";

  /**
   * Makes the folder a checkpoint.
   *
   * @param parameters the file of parameters as it was written
   * @throws IOException naming the file that cannot be written
   */
  public StoredCheckpoint commit(FileDigest parameters, Clock clock) throws IOException {
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT_VERSION,
            NO_RUN,
            0,
            0,
            0,
            0,
            0,
            0,
            null,
            0,
            NO_RUN,
            model,
            NO_RUN,
            NO_RUN,
            null,
            null,
            null,
            clock.instant().truncatedTo(ChronoUnit.SECONDS).toString(),
            List.of(parameters));
    return CheckpointStore.commit(DurableFiles.PLAIN, folder, manifest);
  }
}
