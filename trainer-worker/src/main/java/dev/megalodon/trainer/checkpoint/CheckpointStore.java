package dev.megalodon.trainer.checkpoint;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The checkpoints of one job: a folder on a shared volume with a folder for each. All ranks write
 * into a checkpoint's folder; it counts once rank 0 has put the manifest there.
 */
public final class CheckpointStore {
  static final String MANIFEST = "manifest.json";

  /** The manifest's own checksum, as the command sha256sum writes and checks it. */
  static final String MANIFEST_CHECKSUM = "manifest.sha256";

  private final Path folder;
  private final Retry retry;
  private final DurableFiles files;

  /**
   * Opens the store; the folder need not exist yet.
   *
   * @param folder the job's folder
   * @param patience how long a file that is missing or wrong is looked at again: network file
   *     systems may show another node's writes late
   */
  public CheckpointStore(Path folder, Duration patience) {
    this(folder, patience, DurableFiles.PLAIN);
  }

  /** A store whose changes of the volume somebody hears of. */
  CheckpointStore(Path folder, Duration patience, DurableFiles files) {
    this.folder = folder;
    this.retry = new Retry(patience);
    this.files = files;
  }

  /** What changes the volume. */
  DurableFiles files() {
    return files;
  }

  /** The job's folder. */
  public Path folder() {
    return folder;
  }

  /** The folder of a checkpoint, there or not. */
  public Path folder(CheckpointId id) {
    return folder.resolve(id.toString());
  }

  /** All checkpoints that have a manifest, newest first. */
  public List<CheckpointId> committed() throws IOException {
    return all().stream().filter(id -> Files.exists(folder(id).resolve(MANIFEST))).toList();
  }

  /** All checkpoint folders, newest first, whole or not. */
  public List<CheckpointId> all() throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children
          .filter(Files::isDirectory)
          .flatMap(child -> CheckpointId.parse(child.getFileName().toString()).stream())
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /**
   * The newest checkpoint whose files are all as its manifest says.
   *
   * @param reporter told about every newer one that is damaged
   * @return empty when there is no checkpoint at all
   * @throws WorkerExit {@code CHECKPOINT_FAILED} when there are some and all are damaged, or the
   *     folder cannot be read
   */
  public Optional<StoredCheckpoint> newestVerified(Consumer<String> reporter) {
    List<String> damaged = new ArrayList<>();
    for (CheckpointId id : committedOrExit()) {
      try {
        return Optional.of(open(folder(id)));
      } catch (IOException e) {
        String problem = "checkpoint %s is damaged: %s".formatted(id, DurableFiles.reason(e));
        damaged.add(problem);
        reporter.accept(problem + "; trying the one before");
      }
    }
    if (!damaged.isEmpty()) {
      throw new WorkerExit(
          ExitCode.CHECKPOINT_FAILED,
          "no checkpoint in %s can be used: %s".formatted(folder, String.join("; ", damaged)));
    }
    return Optional.empty();
  }

  private List<CheckpointId> committedOrExit() {
    try {
      return committed();
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.CHECKPOINT_FAILED,
          "the checkpoint folder %s cannot be read: %s".formatted(folder, DurableFiles.reason(e)),
          e);
    }
  }

  /**
   * Opens a checkpoint after checking every file of it.
   *
   * @throws IOException naming the file that is missing or damaged
   */
  public StoredCheckpoint open(Path checkpoint) throws IOException {
    return retry.untilItWorks(() -> StoredCheckpoint.verify(checkpoint));
  }

  /**
   * Makes sure that a checkpoint's folder is there, for this rank to write into.
   *
   * @throws IOException naming the folder
   */
  public Path prepare(CheckpointId id) throws IOException {
    Path target = folder(id);
    try {
      files.makeFolder(target);
      return target;
    } catch (IOException e) {
      throw new IOException(
          "cannot make the folder %s: %s".formatted(target, DurableFiles.reason(e)), e);
    }
  }

  /**
   * Makes a checkpoint count: all other files must be there.
   *
   * @throws IOException naming the file; as far as the volume lets it, the checkpoint does not
   *     count then
   */
  public StoredCheckpoint commit(Manifest manifest) throws IOException {
    Path target = folder(manifest.id());
    try {
      StoredCheckpoint committed = commit(files, target, manifest);
      files.force(folder);
      return committed;
    } catch (IOException e) {
      files.discard(target.resolve(MANIFEST));
      files.discard(target.resolve(MANIFEST_CHECKSUM));
      throw e;
    }
  }

  /** Puts a manifest into a folder with all other files. */
  static StoredCheckpoint commit(DurableFiles files, Path target, Manifest manifest)
      throws IOException {
    byte[] json = ManifestJson.write(manifest);
    byte[] checksum = StoredCheckpoint.checksumLine(json).getBytes(StandardCharsets.US_ASCII);
    files.write(target, MANIFEST_CHECKSUM, DurableFiles.bytes(checksum));
    files.write(target, MANIFEST, DurableFiles.bytes(json));
    return new StoredCheckpoint(target, manifest, Sha256.prefixed(json));
  }

  /** Whether the volume says that a checkpoint has no manifest; no answer is a no. */
  public boolean isWithoutManifest(CheckpointId id) {
    return Files.notExists(folder(id).resolve(MANIFEST));
  }

  /**
   * Deletes files that a rank wrote of a checkpoint that will never count, so that they take no
   * space. Those that cannot be deleted are swept away later.
   */
  public void withdraw(CheckpointId id, List<FileDigest> written) {
    written.forEach(file -> files.discard(folder(id).resolve(file.name())));
  }

  /**
   * Deletes what is no longer needed: checkpoints older than the newest {@code keepLast}, and
   * folders that never got a manifest. At least one whole checkpoint stays, whatever the numbers
   * say. Nothing is deleted once a newer epoch has written here: this process is superseded then,
   * and what it takes for old may be what the others go on from.
   *
   * @param newest the checkpoint just committed
   * @param keepLast how many committed ones stay, at least 1
   * @param keep manifest digests that stay in any case: the resume point and its parent
   * @throws IOException naming the folder that could not be deleted
   */
  public void retain(CheckpointId newest, int keepLast, List<String> keep) throws IOException {
    new Retention(this, files).retain(newest, keepLast, keep);
  }

  /**
   * Deletes older folders that never got a manifest and never will: their writers have crashed or
   * given up. To be called while only {@code current} is being written.
   *
   * @throws IOException naming the folder that could not be deleted
   */
  public void sweep(CheckpointId current) throws IOException {
    new Retention(this, files).sweep(current);
  }

  /**
   * What was noted under a name for the life of the job.
   *
   * @throws IOException naming the file
   */
  public Optional<String> note(String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
  }

  /**
   * Notes something for the life of the job.
   *
   * @throws IOException naming the file
   */
  public void writeNote(String name, String text) throws IOException {
    files.makeFolder(folder);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    files.write(folder, name, DurableFiles.bytes(bytes));
  }
}
