package dev.megalodon.trainer.tensorboard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;

/**
 * A file of events, made when the first one is written. A reader stops for good at a record that is
 * torn, so what could not be written whole is overwritten by what comes next. One thread uses it.
 */
final class EventFile implements AutoCloseable {
  private final Path path;
  private final long firstStep;
  private Optional<FileChannel> channel = Optional.empty();
  private boolean begun;
  private long end = Long.MAX_VALUE;

  /**
   * A file, there or not.
   *
   * @param firstStep what earlier files say of this step and of later ones does not count any more
   */
  EventFile(Path path, long firstStep) {
    this.path = path;
    this.firstStep = firstStep;
  }

  /**
   * Appends an event.
   *
   * @throws IOException when it is not in the file; the next one may be
   */
  void append(Instant time, byte[] event) throws IOException {
    try {
      FileChannel open = open();
      if (!begun) {
        write(open, Event.version(time));
        write(open, Event.start(time, firstStep));
        begun = true;
      }
      write(open, event);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private FileChannel open() throws IOException {
    if (channel.isEmpty()) {
      Files.createDirectories(path.getParent());
      FileChannel opened =
          FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel = Optional.of(opened);
      end = Math.min(end, opened.size());
      begun = begun && end > 0;
    }
    return channel.get();
  }

  private void write(FileChannel open, byte[] event) throws IOException {
    ByteBuffer record = TfRecord.framed(event);
    long position = end;
    while (record.hasRemaining()) {
      position += open.write(record, position);
    }
    end = position;
  }

  @Override
  public void close() throws IOException {
    if (channel.isPresent()) {
      FileChannel open = channel.get();
      channel = Optional.empty();
      open.close();
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
