package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a second run on this machine out of a job's folder while the first lives. Runs by hand all
 * have the same job UID, and nobody numbers their processes. The system lets the lock go with the
 * process, however that ends, so a killed run stands in nobody's way.
 */
final class LocalRunLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalRunLock.class);
  private static final String FILE = ".local-run.lock";

  private final FileChannel channel;

  private LocalRunLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Locks a folder that is there, for as long as this process lives.
   *
   * @throws WorkerExit {@code BAD_SPEC} when a living process holds it
   */
  static LocalRunLock take(Path jobFolder) {
    Path file = jobFolder.resolve(FILE);
    FileChannel channel = open(file);
    try {
      if (lock(channel).isEmpty()) {
        channel.close();
        throw new WorkerExit(
            ExitCode.BAD_SPEC,
            "another run on this machine trains into %s: wait for its end, or give another --job"
                    .formatted(jobFolder)
                + " or --checkpoints");
      }
    } catch (IOException e) {
      LOG.warn(
          "the file system of {} has no locks ({}): two runs at once would not be noticed",
          file,
          e.getMessage());
    }
    return new LocalRunLock(channel);
  }

  private static Optional<FileLock> lock(FileChannel channel) throws IOException {
    try {
      return Optional.ofNullable(channel.tryLock());
    } catch (OverlappingFileLockException e) {
      return Optional.empty(); // held by this very process
    }
  }

  private static FileChannel open(Path file) {
    try {
      return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.CHECKPOINT_FAILED,
          "the checkpoint volume cannot be written to: %s".formatted(e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("cannot close a lock file: {}", e.toString());
    }
  }
}
