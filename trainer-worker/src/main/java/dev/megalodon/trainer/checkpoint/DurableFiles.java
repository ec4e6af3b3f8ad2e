package dev.megalodon.trainer.checkpoint;

import dev.megalodon.trainer.checkpoint.WriteSteps.Step;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Files that are either whole and on the disk, or not there. All changes of a checkpoint volume are
 * made here.
 *
 * @param steps hears of every change
 */
public record DurableFiles(WriteSteps steps) {
  /** Nobody listens. */
  public static final DurableFiles PLAIN = new DurableFiles(WriteSteps.NONE);

  private static final Set<StandardOpenOption> REPLACE =
      Set.of(
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);
  private static final Set<StandardOpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  /** Writes content to a channel. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it. */
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  /** Content that is at hand as bytes. */
  static Content bytes(byte[] bytes) {
    return channel -> {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    };
  }

  /**
   * Writes a file under a temporary name, forces it to the disk and renames it.
   *
   * @return what was written
   * @throws IOException naming the file; its temporary one is deleted then
   */
  public FileDigest write(Path folder, String name, Content content) throws IOException {
    Path file = folder.resolve(name);
    Path temporary = folder.resolve("." + name + ".partial");
    try {
      FileDigest digest = writeAndForce(temporary, name, content, REPLACE);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      steps.done(Step.RENAMED, file);
      force(folder);
      return digest;
    } catch (IOException e) {
      discard(temporary);
      throw new IOException("cannot write %s: %s".formatted(file, reason(e)), e);
    }
  }

  /**
   * Writes a file that no other process has made. Whoever ends in the middle leaves a torn one.
   *
   * @throws FileAlreadyExistsException when the file is there, whole or not
   * @throws IOException when it cannot be written; it is deleted then
   */
  void writeNew(Path folder, String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    try {
      writeAndForce(file, name, bytes(content), NEW);
      force(folder);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException e) {
      discard(file);
      throw e;
    }
  }

  private FileDigest writeAndForce(
      Path path, String name, Content content, Set<StandardOpenOption> how) throws IOException {
    FileDigest digest;
    try (FileChannel channel = FileChannel.open(path, how)) {
      steps.done(Step.OPENED, path);
      Sha256 sha = new Sha256();
      content.writeTo(new DigestingChannel(channel, sha, () -> chunkWritten(path)));
      channel.force(true);
      steps.done(Step.FORCED, path);
      digest = new FileDigest(name, channel.position(), sha.hex());
    }
    steps.done(Step.CLOSED, path);
    return digest;
  }

  private void chunkWritten(Path path) {
    steps.done(Step.CHUNK_WRITTEN, path);
  }

  /** Makes a folder and those above it, if they are not there. */
  void makeFolder(Path folder) throws IOException {
    Files.createDirectories(folder);
    steps.done(Step.FOLDER_MADE, folder);
  }

  /** Forces a folder's list of names to the disk. */
  void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
    steps.done(Step.FOLDER_FORCED, folder);
  }

  /** Deletes a file or an empty folder, if it is there. */
  void delete(Path path) throws IOException {
    if (Files.deleteIfExists(path)) {
      steps.done(Step.DELETED, path);
    }
  }

  /** Deletes a file of a write that has failed already and says why itself. */
  void discard(Path path) {
    try {
      delete(path);
    } catch (IOException e) {
      // What is left behind is overwritten or swept away by a later write.
    }
  }

  /** What the system said, with the kind of error where the message is only a path. */
  public static String reason(IOException e) {
    String message = String.valueOf(e.getMessage());
    return e.getClass() == IOException.class
        ? message
        : e.getClass().getSimpleName().replace("Exception", "") + ": " + message;
  }

  /** Passes bytes on and digests them. */
  private record DigestingChannel(FileChannel target, Sha256 digest, Runnable written)
      implements WritableByteChannel {
    @Override
    public int write(ByteBuffer source) throws IOException {
      ByteBuffer bytes = source.duplicate();
      int count = target.write(source);
      digest.update(bytes.limit(bytes.position() + count));
      written.run();
      return count;
    }

    @Override
    public boolean isOpen() {
      return target.isOpen();
    }

    @Override
    public void close() throws IOException {
      target.close();
    }
  }
}
