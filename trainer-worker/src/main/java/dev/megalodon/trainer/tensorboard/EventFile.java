package dev.megalodon.trainer.tensorboard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * A file of events, made when the first one is written. A reader stops for good at a record that is
 * torn, so what could not be written whole is overwritten by what comes next. One thread uses it.
 */
final class EventFile {
  private final Path path;
  private final long firstStep;
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
   * Appends an event. The file is open no longer than that: a volume can be unmounted, or become
   * read-only, and others see what is written.
   *
   * @throws IOException when it is not in the file; the next one may be
   */
  void append(Instant time, byte[] event) throws IOException {
    Files.createDirectories(path.getParent());
    try (FileChannel open =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      end = Math.min(end, open.size());
      begun = begun && end > 0;
      if (!begun) {
        write(open, Event.version(time));
        write(open, Event.start(time, firstStep));
        begun = true;
      }
      write(open, event);
    }
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
  public String toString() {
    return path.toString();
  }
}
