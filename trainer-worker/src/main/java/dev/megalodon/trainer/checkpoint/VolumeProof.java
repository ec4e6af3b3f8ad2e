package dev.megalodon.trainer.checkpoint;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.parallel.Collectives;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Shows before the first step that every rank can write to the checkpoint volume and sees what
 * another rank writes, so that a volume that is full, read-only or not shared is found at once and
 * not at the first checkpoint.
 */
public final class VolumeProof {
  private static final String FOLDER = ".volume-proof";

  private final Path folder;
  private final Retry retry;

  /**
   * A proof in a job's folder.
   *
   * @param patience how long another rank's file may take to appear
   */
  public VolumeProof(Path jobFolder, Duration patience) {
    this.folder = jobFolder.resolve(FOLDER);
    this.retry = new Retry(patience);
  }

  /**
   * Writes a token, reads the next rank's. Every rank of the group calls this.
   *
   * @param nonce the same on every rank, other than any used before
   * @throws WorkerExit {@code CHECKPOINT_FAILED} naming the file and what is wrong with the volume
   */
  public void require(Collectives collectives, String nonce) {
    int rank = collectives.rank();
    write(rank, nonce);
    collectives.barrier();
    read((rank + 1) % collectives.worldSize(), rank, nonce);
    collectives.barrier();
    delete(folder.resolve(name(rank, nonce)));
    if (rank == 0) {
      sweep(nonce);
    }
  }

  /** Deletes what ranks left here that died in the middle of an earlier proof. */
  private void sweep(String nonce) {
    try (Stream<Path> files = Files.list(folder)) {
      files.filter(file -> !file.getFileName().toString().contains(nonce)).forEach(this::delete);
    } catch (IOException e) {
      // As below.
    }
  }

  private String name(int rank, String nonce) {
    return "%s-rank-%d".formatted(nonce, rank);
  }

  private static byte[] token(int rank, String nonce) {
    return (nonce + " " + rank).getBytes(StandardCharsets.UTF_8);
  }

  private void write(int rank, String nonce) {
    try {
      Files.createDirectories(folder);
      DurableFiles.PLAIN.write(folder, name(rank, nonce), DurableFiles.bytes(token(rank, nonce)));
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.CHECKPOINT_FAILED,
          "the checkpoint volume cannot be written to: %s: %s"
              .formatted(folder, DurableFiles.reason(e)),
          e);
    }
  }

  private void read(int peer, int rank, String nonce) {
    Path file = folder.resolve(name(peer, nonce));
    try {
      retry.untilItWorks(() -> compare(file, token(peer, nonce)));
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.CHECKPOINT_FAILED,
          "the checkpoint volume is not shared: rank %d does not see %s, which rank %d wrote, after"
                  .formatted(rank, file, peer)
              + " %d s; its claim must be ReadWriteMany".formatted(retry.patience().toSeconds()),
          e);
    }
  }

  private static Path compare(Path file, byte[] expected) throws IOException {
    if (!Arrays.equals(Files.readAllBytes(file), expected)) {
      throw new DamagedCheckpointException(file + " holds something else");
    }
    return file;
  }

  private void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // The proof stands; a small file that stays behind harms nothing.
    }
  }
}
