package dev.megalodon.trainer.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Files that are either whole and on the disk, or not there. */
public final class DurableFiles {
  private DurableFiles() {}

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
   * @throws IOException naming the file; nothing of it is left then
   */
  public static FileDigest write(Path folder, String name, Content content) throws IOException {
    Path file = folder.resolve(name);
    Path temporary = folder.resolve("." + name + ".partial");
    try {
      FileDigest digest = writeAndForce(temporary, name, content);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      force(folder);
      return digest;
    } catch (IOException e) {
      discard(temporary);
      throw new IOException("cannot write %s: %s".formatted(file, reason(e)), e);
    }
  }

  private static FileDigest writeAndForce(Path path, String name, Content content)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      Sha256 digest = new Sha256();
      content.writeTo(new DigestingChannel(channel, digest));
      channel.force(true);
      return new FileDigest(name, channel.position(), digest.hex());
    }
  }

  /** Forces a folder's list of names to the disk. */
  static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** What the system said, with the kind of error where the message is only a path. */
  static String reason(IOException e) {
    String message = String.valueOf(e.getMessage());
    return e.getClass() == IOException.class
        ? message
        : e.getClass().getSimpleName().replace("Exception", "") + ": " + message;
  }

  private static void discard(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // The write has failed already and says why; what is left behind is overwritten next time.
    }
  }

  /** Passes bytes on and digests them. */
  private record DigestingChannel(FileChannel target, Sha256 digest)
      implements WritableByteChannel {
    @Override
    public int write(ByteBuffer source) throws IOException {
      ByteBuffer written = source.duplicate();
      int count = target.write(source);
      digest.update(written.limit(written.position() + count));
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
